"""Completion, asked of real shells. Each is given a command line and says what may come next."""

from __future__ import annotations

import os
import pathlib
import shlex
import shutil
import subprocess

import pytest
from calltransfer import _native
from cli_command import COMMAND, run


def script(shell: str) -> str:
    return run("completion", shell).out


def bash(line: str, folder: pathlib.Path) -> set[str]:
    words = line.split(" ")
    program = (
        f"{script('bash')}\nCOMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
        '_calltransfer; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-euc", program], cwd=folder, capture_output=True, text=True, timeout=30, check=True)
    return set(done.stdout.split())


def fish(line: str, folder: pathlib.Path) -> set[str]:
    program = f"{script('fish')}\ncomplete -C {shlex.quote(line)}"
    environment = {**os.environ, "HOME": str(folder), "PATH": f"{pathlib.Path(COMMAND).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["fish", "-c", program], cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    return {reported.split("\t")[0] for reported in done.stdout.splitlines()}


def zsh(line: str, folder: pathlib.Path) -> set[str]:
    # The shell's own editor needs a terminal; the function is asked with its builtins replaced by what reports.
    words = line.split(" ")
    program = (
        "compdef() { : }; _files() { print -l -- *(N) }\n"
        'compadd() { [ "$1" = -- ] && shift; print -l -- "$@" }\n'
        '_describe() { local word; for word in "${(@P)2}"; do print -r -- "${word%%:*}"; done }\n'
        f"{script('zsh')}\nwords=({' '.join(shlex.quote(word) for word in words)}); CURRENT={len(words)}\n"
        "_calltransfer"
    )
    done = subprocess.run(["zsh", "-fc", program], cwd=folder, capture_output=True, text=True, timeout=30, check=True)
    last = words[-1]
    return {reported for reported in done.stdout.split() if reported.startswith(last)}


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
    assert done.stdout == "complete -F _calltransfer calltransfer\n"
