"""The package in a second interpreter of one process, in every Python of this machine."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import calltransfer
import pytest
import python_versions

SITE = str(pathlib.Path(calltransfer.__file__).parent.parent)
PYTHONS = {**python_versions.found(), (sys.version_info[0], sys.version_info[1]): sys.executable}
PROGRAM = """
import sys
sys.path.append({site!r})
{before}
try:
    import _interpreters as interpreters  # Python 3.13
except ImportError:
    import _xxsubinterpreters as interpreters

def create():
    if "legacy" in {kind!r}:
        # As an embedding program makes it, mod_wsgi for one: it shares the lock, and checks nothing.
        return interpreters.create("legacy") if sys.version_info >= (3, 13) else interpreters.create(isolated=False)
    return interpreters.create()

code = '''
import sys
sys.path.append({site!r})
try:
    import calltransfer
    print("imported", calltransfer.payload("c-1", "+18382947878"))
except ImportError as error:
    print("ImportError:", error)
'''
run = getattr(interpreters, "exec", None) or interpreters.run_string
failed = run(create(), code)
assert not failed, failed
{after}
sys.stdout.flush()
"""


def said(python: str, kind: str, before: str, after: str) -> list[str]:
    program = PROGRAM.format(site=SITE, kind=kind, before=before, after=after)
    done = subprocess.run([python, "-u", "-c", program], capture_output=True, text=True, timeout=60, check=False)
    if "No module named '_xxsub" in done.stderr:
        pytest.skip("this Python has no module for sub-interpreters")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("kind", ["default", "legacy"])
@pytest.mark.parametrize("version", sorted(PYTHONS), ids=lambda version: "%d.%d" % version)
def test_second_interpreter_gets_an_import_error(version: tuple[int, int], kind: str) -> None:
    after = "print(calltransfer.payload('c-1', '+18382947878'))"
    refused, works = said(PYTHONS[version], kind, "import calltransfer", after)
    assert refused.startswith("ImportError: ") and "interpreter" in refused
    if kind == "legacy" or version < (3, 12):
        assert "sub-interpreters are not supported" in refused and "WSGIApplicationGroup %{GLOBAL}" in refused
    assert works.startswith('{"state"'), "the first interpreter's package was damaged"


@pytest.mark.parametrize("version", sorted(PYTHONS), ids=lambda version: "%d.%d" % version)
def test_only_interpreter_that_imports_may_be_a_second_one(version: tuple[int, int]) -> None:
    assert said(PYTHONS[version], "legacy", "", "")[0].startswith('imported {"state"')
