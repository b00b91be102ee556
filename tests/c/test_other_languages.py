"""The plain C ABI from languages that don't read its header, and from Go, where the machine has them."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from c.compiler import INCLUDE, LIBRARIES, ROOT, TARGET
from sandbox_process import SandboxProcess

LIBRARY = str(LIBRARIES / "libcalltransfer.so")
FFI_HEADER = str(INCLUDE / "calltransfer/ffi.h")
EXAMPLES = ROOT / "examples"
# What is fetched or compiled once for all runs.
FOLDER = TARGET / "other-languages"
FOUND = {
    "go": "go/transfer.go",
    "java": "java/Transfer.java",
    "luajit": "lua/transfer.lua",
    "node": "node/transfer.mjs",
    "perl": "perl/transfer.pl",
    "php": "php/transfer.php",
    "ruby": "ruby/transfer.rb",
}
LONGEST = 16


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"NO {name.upper()} ON PATH (Debian: {package}): the ABI was not tried from it")
    return found


def has(command: list[str], what: str) -> None:
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"NO {what}: the ABI was not tried from {command[0]}")


def perl() -> list[str]:
    command = program("perl", "libffi-platypus-perl")
    has([command, "-MFFI::Platypus", "-e1"], "FFI::Platypus FOR PERL (Debian: libffi-platypus-perl)")
    return [command, str(EXAMPLES / FOUND["perl"]), LIBRARY]


def luajit() -> list[str]:
    return [program("luajit", "luajit"), str(EXAMPLES / FOUND["luajit"]), LIBRARY, FFI_HEADER]


def ruby() -> list[str]:
    command = program("ruby", "ruby-ffi")
    has([command, "-rffi", "-e1"], "GEM FFI FOR RUBY (Debian: ruby-ffi)")
    return [command, str(EXAMPLES / FOUND["ruby"]), LIBRARY]


def php() -> list[str]:
    command = program("php", "php-cli")
    has([command, "-r", "exit((int) !class_exists('FFI'));"], "EXTENSION FFI FOR PHP")
    return [command, str(EXAMPLES / FOUND["php"]), LIBRARY, FFI_HEADER]


def java() -> list[str]:
    command = program("java", "default-jdk")
    has([command, "--source", "17", "--version"], "JAVA 17 OR NEWER")
    jar = pathlib.Path(os.environ.get("JNA_JAR", "/usr/share/java/jna.jar"))
    if not jar.exists():
        pytest.skip("NO JNA (Debian: libjna-java, or JNA_JAR): the ABI was not tried from Java")
    return [command, "-cp", str(jar), str(EXAMPLES / FOUND["java"]), LIBRARY]


def node() -> list[str]:
    command, npm = program("node", "nodejs"), program("npm", "npm")
    folder = FOLDER / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "transfer.mjs"):
        shutil.copy(EXAMPLES / "node" / name, folder)
    if not (folder / "node_modules/koffi").exists():
        install = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"KOFFI COULD NOT BE INSTALLED: the ABI was not tried from Node.js\n{done.stderr}")
    return [command, str(folder / "transfer.mjs"), LIBRARY]


def go() -> list[str]:
    command = program("go", "golang-go")
    built = FOLDER / "go" / "transfer"
    environment = os.environ | {
        "CGO_ENABLED": "1",
        "CGO_CFLAGS": f"-I{INCLUDE}",
        "CGO_LDFLAGS": f"-L{LIBRARIES} -Wl,-rpath,{LIBRARIES}",
        "GOCACHE": str(FOLDER / "go" / "cache"),
        "GOFLAGS": "",
    }
    line = [command, "build", "-o", str(built), FOUND["go"].partition("/")[2]]
    done = subprocess.run(
        line, cwd=EXAMPLES / "go", capture_output=True, text=True, timeout=300, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return [str(built)]


LANGUAGES = [go, java, luajit, node, perl, php, ruby]
prepared = {language: functools.cache(language) for language in LANGUAGES}


@pytest.fixture(params=LANGUAGES, ids=lambda language: language.__name__)
def command(request: pytest.FixtureRequest) -> list[str]:
    return prepared[request.param]()


def run(command: list[str], *arguments: str, sandbox: SandboxProcess) -> subprocess.CompletedProcess[str]:
    # Java reads its arguments in the encoding of the locale.
    environment = sandbox.environment() | {"LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


def test_call_is_transferred(command: list[str], sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    done = run(command, "c-1", "+18382947878", "Grüße", sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    [new_call] = [call["id"] for call in sandbox.calls() if call["id"] != "c-1"]
    assert done.stdout == f"the new call is {new_call}\n"
    [request] = sandbox.requests()
    assert json.loads(request["body"])["whisperAudio"] == {"sentence": "Grüße"}


def test_a_refusal_is_reported(command: list[str], sandbox: SandboxProcess) -> None:
    done = run(command, "c-nobody", "+18382947878", sandbox=sandbox)
    assert done.returncode == 1
    assert done.stderr.startswith("not_applied: the platform has no such call")


def test_invalid_transfer_is_reported(command: list[str], sandbox: SandboxProcess) -> None:
    done = run(command, "c-1", "nobody", sandbox=sandbox)
    assert done.returncode == 1
    assert done.stderr.startswith("not_sent: to: ")
    assert sandbox.requests() == []


@pytest.mark.parametrize("example", FOUND.values())
def test_example_is_short_and_names_only_functions_of_the_header(example: str) -> None:
    text = (EXAMPLES / example).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not re.match(r"\s*(//(?! #)|#|--|import|package)", line)]
    code = [line for line in lines if re.search(r"\w", line)]
    assert len(code) <= LONGEST, "docs/other-languages.md promises shorter ones"
    assert max(map(len, text.splitlines())) <= 120
    header = (INCLUDE / "calltransfer/calltransfer.h").read_text(encoding="utf-8")
    for name in re.findall(r"calltransfer_(\w+)\(", text):
        assert f"calltransfer_{name}(" in header
