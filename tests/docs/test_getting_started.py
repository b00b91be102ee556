"""docs/getting-started.md: its commands are run in bash, section by section, and print what the page says."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig

import pytest
from calltransfer import _native
from sandbox_process import ROOT

PAGE = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# What `make` has built and installed before the tests begin.
INSTALLING = ("python3 -m venv ", ". ~/calltransfer-env/", "pip install ", "cargo build ", "make library")
RUN_RUST = "cargo run --release --locked --quiet -p calltransfer-examples --bin minimal -- "
# The sections that begin with the sandbox's, and what must be installed.
LANGUAGES = {"Python": "python3", "The command line": "bash", "C": "cc", "C++": "c++", "Rust": "cargo"}


def blocks(section: str) -> list[tuple[str, str]]:
    """The fenced blocks of a section: language and text, without their indent."""
    [text] = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^( *)```(\w+)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [(language, re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)) for indent, language, block in found]


def commands(section: str) -> list[str]:
    shell = [block for language, block in blocks(section) if language == "sh"]
    kept = [line for line in "".join(shell).splitlines() if not line.strip().startswith(INSTALLING)]
    return [line.replace(RUN_RUST, f"{BUILT}/release/minimal ") for line in kept]


def printed(section: str) -> str:
    """A pattern of what the section's commands print."""
    expected = "".join(block for language, block in blocks(section) if language == "text")
    return ".*".join(map(re.escape, expected.split("…")))


class Shell:
    """bash with a sandbox that the page's own commands have started, on a free port."""

    def __init__(self, folder: pathlib.Path) -> None:
        # The page's folder: programs are compiled beside links to what they need.
        for name in ("examples", "include", "target"):
            (folder / name).symlink_to(BUILT if name == "target" else ROOT / name)
        self.folder = folder

    def run(self, *lines: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        start, *rest = lines
        wait = f"until curl -s -o /dev/null http://127.0.0.1:{port}/_sandbox/health; do sleep 0.05; done"
        ready = start.replace(" &", " >/dev/null 2>&1 &")
        script = "\n".join([ready, wait, *rest, "kill %1 2>/dev/null; wait 2>/dev/null"]).replace("8787", str(port))
        path = os.pathsep.join([sysconfig.get_path("scripts"), str(pathlib.Path(sys.executable).parent)])
        given = {name: value for name, value in os.environ.items() if name not in _native.ENVIRONMENT}
        environment = given | {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "*"}
        command = ["bash", "-c", script]
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as bash:
            try:
                return bash.communicate(timeout=120)[0]
            finally:
                _end_all(bash)


def _end_all(bash: subprocess.Popen[str]) -> None:
    try:
        os.killpg(bash.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


@pytest.fixture
def shell(tmp_path: pathlib.Path) -> Shell:
    return Shell(tmp_path)


def prepare(program: str) -> list[str]:
    """The commands of the sandbox's section, with one of its two ways to start it."""
    lines = commands("Start a sandbox")
    starts = [line for line in lines if line.endswith("--port 8787 &")]
    assert len(starts) == 2
    return [next(line for line in starts if line.startswith(program)), *(line for line in lines if line not in starts)]


@pytest.mark.parametrize("program", ["calltransfer", "target/release/calltransfer-sandbox"])
def test_sandbox_starts_and_calls_come_in(program: str, shell: Shell) -> None:
    output = shell.run(*prepare(program))
    assert re.fullmatch(printed("Start a sandbox"), output), output


@pytest.mark.parametrize("language", LANGUAGES)
def test_call_is_transferred_in_the_language(language: str, shell: Shell) -> None:
    if shutil.which(LANGUAGES[language]) is None:
        pytest.skip(f"NO {LANGUAGES[language]}: the section was not run")
    expected = printed("Start a sandbox") + printed(language)
    output = shell.run(*prepare("target/release/calltransfer-sandbox"), *commands(language))
    assert re.fullmatch(expected, output, re.DOTALL), output


def test_commands_of_an_account_work(shell: Shell) -> None:
    lines = commands("With your account")
    assert [line.split()[0] for line in lines[:3]] == ["kill", "unset", "export"]  # of the sandbox, which is used here
    rest = [line.replace("CALL_ID", "c-shell").replace("YOUR_NUMBER", "+18382947878") for line in lines[3:]]
    output = shell.run(*prepare("calltransfer"), *rest)
    [last] = [block for language, block in blocks("With your account") if language == "text"]
    assert (
        last in output
        and "\nNO" not in output
        and "nothing was sent" in output
        and "transferred c-shell: the new call is c-" in output
    )


def test_each_guide_of_the_table_is_there() -> None:
    table = PAGE.partition("## Choose an interface")[2].partition("\n## ")[0]
    for name in re.findall(r"`(calltransfer_\w+|runs\.hp?p?)`", table):
        headers = [path.read_text(encoding="utf-8") for path in (ROOT / "include/calltransfer").iterdir()]
        assert any(name in header for header in headers) or (ROOT / "include/calltransfer" / name).exists(), name
