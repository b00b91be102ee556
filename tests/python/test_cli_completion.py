"""Completion, asked of real shells. Each is given a command line and says what may come next."""

from __future__ import annotations

import os
import pathlib
import pty
import runpy
import select
import shlex
import shutil
import signal
import subprocess
import time

import pytest
from calltransfer import _native
from cli_command import COMMAND, run

ROOT = pathlib.Path(__file__).parents[2]


def script(shell: str) -> str:
    return run("completion", shell).out


def environment(folder: pathlib.Path) -> dict[str, str]:
    path = f"{pathlib.Path(COMMAND).parent}:{os.environ['PATH']}"
    return {**os.environ, "HOME": str(folder), "ZDOTDIR": str(folder), "PATH": path, "TERM": "vt100"}


def bash(line: str, folder: pathlib.Path) -> set[str]:
    words = line.split(" ")
    program = (
        f"{script('bash')}\nCOMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
        f'{BASH_FUNCTION} calltransfer {shlex.quote(words[-1])} {shlex.quote(words[-2])}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", program], cwd=folder, capture_output=True, text=True, timeout=30, check=True)
    return set(done.stdout.split())


def fish(line: str, folder: pathlib.Path) -> set[str]:
    program = f"{script('fish')}\ncomplete -C {shlex.quote(line)}"
    done = subprocess.run(
        ["fish", "-c", program],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return {reported.split("\t")[0] for reported in done.stdout.splitlines()}


def zsh(line: str, folder: pathlib.Path) -> set[str]:
    """Presses Tab in a terminal; the completion system reports what it would offer."""
    (folder / ".zshrc").write_text(
        "autoload -Uz compinit && compinit -u -D\n"
        f"{shlex.join(['eval', script('zsh')])}\n"
        # Whatever is offered goes to a file as well: `-O` puts the matches into an array.
        'compadd() { local -a found; builtin compadd -O found "$@"; print -rl -- $found >> offered; builtin compadd "$@" }\n'
        "PS1='ready> '\n"
    )
    offered = folder / "offered"
    offered.unlink(missing_ok=True)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-d", "-i"], environment(folder))
    try:
        _read_until(terminal, b"ready> ")  # the line editor has the terminal
        # The last command runs when the line editor is done with the Tab.
        os.write(terminal, line.encode() + b"\t\x15print do''ne\r")
        _read_until(terminal, b"done\r\n")
    finally:
        os.close(terminal)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    return set(offered.read_text().split()) if offered.exists() else set()


def _read_until(terminal: int, end: bytes) -> None:
    read, limit = b"", time.monotonic() + 30
    while end not in read:
        assert select.select([terminal], [], [], limit - time.monotonic())[0], read
        read += os.read(terminal, 65536)


BASH_FUNCTION = "_shtab_calltransfer"
SHELLS = [
    pytest.param(
        ask,
        id=ask.__name__,
        marks=pytest.mark.skipif(
            shutil.which(ask.__name__) is None,
            reason=f"NO {ask.__name__.upper()} ON THIS MACHINE: its completion was not tried",
        ),
    )
    for ask in (bash, zsh, fish)
]
COMMANDS = {"transfer", "payload", "call", "many", "run", "sandbox", "doctor", "completion"}


@pytest.mark.parametrize("ask", SHELLS)
def test_commands_flags_values_and_files_are_completed(ask: object, tmp_path: pathlib.Path) -> None:
    assert callable(ask)
    (tmp_path / "calls.csv").touch()
    assert ask("calltransfer ", tmp_path) >= COMMANDS
    assert ask("calltransfer tr", tmp_path) == {"transfer"}
    assert ask("calltransfer call ", tmp_path) >= {"show", "answer", "hang-up", "check"}
    flags = ask("calltransfer transfer c-1 +18382947878 --", tmp_path)
    assert flags >= {f"--{option.replace('_', '-')}" for option in _native.OPTIONS}
    assert flags >= {"--json", "--dry-run", "--no-recording-enabled", "--whisper-audio-voice"}
    assert ask("calltransfer transfer c-1 +18382947878 --diversion-treatment ", tmp_path) == {
        "none",
        "propagate",
        "stack",
    }
    assert ask("calltransfer payload c-1 +18382947878 --whisper-audio-gender fe", tmp_path) == {"female"}
    assert ask("calltransfer completion ", tmp_path) >= {"bash", "zsh", "fish"}
    assert "calls.csv" in ask("calltransfer many ", tmp_path)
    assert ask("calltransfer run ", tmp_path) >= {"show", "resume", "work", "check", "retry", "stop", "export"}
    assert "calls.csv" in ask("calltransfer run resume ", tmp_path)
    assert ask("calltransfer run export evac.db --state pl", tmp_path) == {"planned"}
    assert ask("calltransfer many calls.csv --run c", tmp_path) == {"calls.csv"}
    assert ask("calltransfer doctor --ca-file c", tmp_path) == {"calls.csv"}
    assert "--whisper-audio" not in ask("calltransfer call show --", tmp_path)
    assert "--dry-run" in ask("calltransfer call show --", tmp_path)


def test_bash_completes_when_tab_is_pressed(tmp_path: pathlib.Path) -> None:
    program = f'eval "$({shlex.quote(COMMAND)} completion bash)"; complete -p calltransfer'
    done = subprocess.run(["bash", "-euc", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"complete -o bashdefault -F {BASH_FUNCTION} calltransfer\n"


def test_scripts_are_written_from_the_parsers() -> None:
    pytest.importorskip("shtab")
    written = runpy.run_path(str(ROOT / "packaging" / "completion.py"))["script"]
    for shell in ("bash", "zsh", "fish"):
        assert script(shell) == written(shell), "run: make completion"
