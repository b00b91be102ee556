"""Completion for bash, zsh and fish: scripts written from the parsers, so that nothing is forgotten."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from calltransfer.cli import _exit_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer.cli._output import Output

SHELLS = ("bash", "zsh", "fish")


@dataclass
class _Word:
    """A word that may come next, and what may follow it."""

    text: str
    about: str
    takes_value: bool = False
    values: tuple[str, ...] = ()
    is_file: bool = False


@dataclass
class _Place:
    """A command, by the words that lead to it."""

    path: str
    words: list[_Word] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    takes_file: bool = False


def run(parser: argparse.ArgumentParser, parsed: argparse.Namespace, output: Output) -> int:
    script = script_for(parser, parsed.shell)
    output.result({"shell": parsed.shell, "script": script}, script.rstrip("\n"))
    return _exit_codes.DONE


def script_for(parser: argparse.ArgumentParser, shell: str) -> str:
    """The completion script of one shell."""
    places = list(_places(parser, ""))
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](places)


def _places(parser: argparse.ArgumentParser, path: str) -> Iterator[_Place]:
    place = _Place(path)
    below: list[tuple[str, argparse.ArgumentParser]] = []
    for action in parser._actions:
        completions = getattr(action, "completions", ())
        is_file = completions == "file"
        values = () if is_file else tuple(completions)
        if isinstance(action, argparse._SubParsersAction):
            about = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, parser_below in action.choices.items():
                place.words.append(_Word(name, about.get(name, "")))
                place.commands.append(name)
                below.append((name, parser_below))
        elif action.option_strings:
            takes_value = action.nargs != 0
            for text in action.option_strings:
                place.words.append(_Word(text, action.help or "", takes_value, values, is_file))
        elif is_file:
            place.takes_file = True
        else:
            place.words += [_Word(value, "") for value in values]
    yield place
    for name, parser_below in below:
        yield from _places(parser_below, f"{path} {name}".strip())


def _steps(places: list[_Place]) -> list[str]:
    return [f"{place.path} {name}" for place in places for name in place.commands]


def _flags(places: list[_Place]) -> Iterator[tuple[str, _Word]]:
    for place in places:
        for word in place.words:
            if word.takes_value:
                yield f"{place.path}:{word.text}", word


def _bash(places: list[_Place]) -> str:
    steps = "|".join(f'"{step}"' for step in _steps(places))
    lines = [
        "# calltransfer: completion for bash",
        "_calltransfer() {",
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= i",
        "    for ((i = 1; i < COMP_CWORD; i++)); do",
        f'        case "$path ${{COMP_WORDS[i]}}" in {steps}) path="${{path:+$path }}${{COMP_WORDS[i]}}" ;; esac',
        "    done",
        "    COMPREPLY=()",
        '    case "$path:$prev" in',
    ]
    for key, word in _flags(places):
        if word.is_file:
            reply = 'COMPREPLY=($(compgen -f -- "$cur"))'
        elif word.values:
            reply = f'COMPREPLY=($(compgen -W {shlex.quote(" ".join(word.values))} -- "$cur"))'
        else:
            reply = ":"
        lines.append(f'        "{key}") {reply}; return ;;')
    lines += ["    esac", '    case "$path" in']
    for place in places:
        words = shlex.quote(" ".join(word.text for word in place.words))
        files = ' $(compgen -f -- "$cur")' if place.takes_file else ""
        lines.append(f'        "{place.path}") COMPREPLY=($(compgen -W {words} -- "$cur"){files}) ;;')
    lines += ["    esac", "}", "complete -F _calltransfer calltransfer", ""]
    return "\n".join(lines)


def _zsh(places: list[_Place]) -> str:
    steps = "|".join(f'"{step}"' for step in _steps(places))
    lines = [
        "#compdef calltransfer",
        "_calltransfer() {",
        "    local at= i",
        "    for ((i = 2; i < CURRENT; i++)); do",
        f'        case "$at ${{words[i]}}" in ({steps}) at="${{at:+$at }}${{words[i]}}" ;; esac',
        "    done",
        '    case "$at:${words[CURRENT-1]}" in',
    ]
    for key, word in _flags(places):
        reply = "_files" if word.is_file else f"compadd -- {' '.join(map(shlex.quote, word.values))}"
        lines.append(f'        ("{key}") {reply if word.is_file or word.values else ":"}; return ;;')
    lines += ["    esac", "    local -a next", '    case "$at" in']
    for place in places:
        described = " ".join(
            shlex.quote(word.text.replace(":", "\\:") + (f":{word.about}" if word.about else ""))
            for word in place.words
        )
        files = "; _files" if place.takes_file else ""
        lines.append(f'        ("{place.path}") next=({described}); _describe calltransfer next{files} ;;')
    lines += [
        "    esac",
        "}",
        '[ "$funcstack[1]" = _calltransfer ] && _calltransfer "$@" || compdef _calltransfer calltransfer',
        "",
    ]
    return "\n".join(lines)


def _fish(places: list[_Place]) -> str:
    steps = " ".join(shlex.quote(step) for step in _steps(places))
    lines = [
        "# calltransfer: completion for fish",
        "function __calltransfer_at",
        "    set -l at ''",
        "    for word in (commandline -opc)[2..]",
        f'        if contains -- "$at $word" {steps}',
        '            set at (string trim -- "$at $word")',
        "        end",
        "    end",
        '    test "$at" = "$argv"',
        "end",
        "complete -c calltransfer -f",
    ]
    for place in places:
        begin = f"complete -c calltransfer -n {shlex.quote('__calltransfer_at ' + place.path)}"
        if place.takes_file:
            lines.append(f"{begin} -F")
        for word in place.words:
            about = f" -d {_fish_quoted(word.about)}" if word.about else ""
            if word.text.startswith("--"):
                kind = " -r -F" if word.is_file else " -x" if word.takes_value else ""
                values = f" -a {shlex.quote(' '.join(word.values))}" if word.values else ""
                lines.append(f"{begin} -l {word.text[2:]}{kind}{values}{about}")
            elif word.text.startswith("-"):
                lines.append(f"{begin} -s {word.text[1:]}{about}")
            else:
                lines.append(f"{begin} -a {shlex.quote(word.text)}{about}")
    return "\n".join([*lines, ""])


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
