"""The C++ headers as the generator reads them, which knows comments of the form `/** … */` only."""

from __future__ import annotations

import pathlib
import re
import subprocess


def write(headers: pathlib.Path, folder: pathlib.Path) -> None:
    """Copies the headers, with each `///` and `///<` rewritten."""
    folder.mkdir(parents=True, exist_ok=True)
    for header in headers.iterdir():
        text = header.read_text(encoding="utf-8")
        shown = _with_blocks(text) if header.suffix == ".hpp" else text
        (folder / header.name).write_text(shown, encoding="utf-8")


def compiler_folders() -> list[str]:
    """The options that name the C++ compiler's own headers, which the wheel of libclang lacks."""
    command = ["c++", "-E", "-x", "c++", "-v", "-"]
    said = subprocess.run(command, input="", capture_output=True, text=True, check=True).stderr
    folders = said.partition("#include <...>")[2].partition("End of search list")[0]
    return [f"-isystem{line.strip()}" for line in folders.splitlines()[1:] if line.strip()]


def _with_blocks(text: str) -> str:
    shown: list[str] = []
    block: list[str] = []
    indent = ""
    for line in text.split("\n"):
        if comment := re.fullmatch(r"(\s*)///(?!<) ?(.*)", line):
            indent = comment[1]
            block.append(comment[2])
            continue
        if block and " operator bool" not in line:  # a conversion is not shown
            shown += [f"{indent}/**", *(f"{indent} * {said}".rstrip() for said in block), f"{indent} */"]
        block = []
        line = line.replace(" override", "")  # is put into the wrong place
        line = line.replace("[[nodiscard]] ", "")  # parts a comment from what it is about
        if behind := re.fullmatch(r"(\s*)(.*?)\s*///< (.*)", line):
            shown += [f"{behind[1]}/** {behind[3]} */", f"{behind[1]}{behind[2]}"]
        else:
            shown.append(line)
    return "\n".join(shown)
