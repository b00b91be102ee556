"""Opens a file of transfers, and finds its encoding and its format."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any

from calltransfer.cli._errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMATS = ("csv", "jsonl")
_OF_NAMES = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_MARKS = (  # the longer before the shorter that it begins with
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Files that are given by mistake instead of text files.
_OTHER_FILES = (
    (b"PK\x03\x04", "a workbook or another zip file; save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls); save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "compressed (gzip); give what gunzip makes of it"),
    (b"%PDF", "a PDF; give a table as CSV"),
)
_LONGEST = 1 << 20


class Source:
    """An opened file of transfers. `-` is standard input."""

    def __init__(self, path: str, format: str | None, encoding: str | None) -> None:
        self.path = path
        self._format = format
        self._encoding = encoding
        if encoding is not None:
            try:
                io.TextIOWrapper(io.BytesIO(), encoding)  # knows an encoding of texts from others
            except LookupError:
                raise invalid("encoding", f"{encoding!r} is not an encoding that Python knows") from None

    @contextlib.contextmanager
    def open(self) -> Iterator[tuple[str, Lines]]:
        """The format, and the lines with their ends."""
        try:
            with contextlib.ExitStack() as stack:
                stream: Any
                if self.path == "-":
                    if sys.stdin is None:
                        raise invalid("file", "standard input is closed")
                    stream = sys.stdin.buffer
                else:
                    stream = stack.enter_context(open(self.path, "rb"))
                start = stream.peek(4)[:4]
                marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
                self._check_start(start, is_marked=marked is not None)
                encoding = marked or self._encoding or "utf-8"
                text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
                stack.callback(text.detach)  # standard input stays open
                lines = Lines(self, text, encoding)
                first = lines.skip_blank()
                if first is None:
                    raise invalid("file", f"{self.path!r} is empty")
                yield self._format_of(first), lines
        except OSError as cause:
            raise invalid("file", f"{self.path!r} can't be read: {cause.strerror or cause}") from cause

    def _check_start(self, start: bytes, is_marked: bool) -> None:
        """Refuses a file that is not a text, or whose encoding must be named."""
        other = next((what for mark, what in _OTHER_FILES if start.startswith(mark)), None)
        if other is not None:
            raise invalid("file", f"{self.path!r} is {other}")
        if is_marked or self._encoding is not None or b"\0" not in start:
            return
        name = "utf-16-be" if start.startswith(b"\0") else "utf-16-le"
        raise invalid("file", f"{self.path!r} is UTF-16 without a byte order mark; add --encoding {name}")

    def _format_of(self, first: str) -> str:
        ending = os.path.splitext(self.path)[1].lower()
        known = self._format or _OF_NAMES.get(ending)
        if known is None and first.lstrip().startswith("["):
            raise invalid("file", f"{self.path!r} is a JSON array; give an object in each line, as jq -c '.[]' does")
        return known or ("jsonl" if first.lstrip().startswith("{") else "csv")


class Lines:
    """The lines of a file with their ends, and the number of the last one, from 1."""

    def __init__(self, source: Source, text: Any, encoding: str) -> None:
        self.number = 0
        self.on_undecodable: Callable[[int, str], None] | None = None
        """Called with the number of each line that can't be decoded, and why. Without it, the first such line is an error."""
        self._source = source
        self._text = text
        self._encoding = encoding
        self._kept: str | None = None
        self._was_undecodable = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._kept = self._kept, None
        if line is None:
            line = self._read()
        self.number += 1
        return line

    def skip_blank(self) -> str | None:
        """Returns the next line that is not blank, without consuming it; `None` at the end."""
        for line in self:
            if line.strip():
                self._kept = line
                self.number -= 1
                return line
        return None

    def was_undecodable(self) -> bool:
        """Whether a line since the last call could not be decoded."""
        was, self._was_undecodable = self._was_undecodable, False
        return was

    def _read(self) -> str:
        number = self.number + 1
        try:
            line: str = self._text.readline(_LONGEST + 1)
        except UnicodeError:  # of UTF-16: what follows can't be read either
            self._refuse(number)
            raise StopIteration from None
        if len(line) > _LONGEST:
            raise invalid("file", f"{self._source.path!r}: line {number} has more than {_LONGEST} characters")
        if not line:
            raise StopIteration
        if not line.isascii() and any("\udc80" <= character <= "\udcff" for character in line):
            self._refuse(number)
        return line

    def _refuse(self, number: int) -> None:
        name = "UTF-8" if self._encoding.startswith("utf-8") else self._encoding
        reason = f"is not {name}; save the file as UTF-8, or name its encoding, as --encoding latin-1"
        if self.on_undecodable is None:
            raise invalid("file", f"{self._source.path!r}: line {number} {reason}")
        self.on_undecodable(number, reason)
        self._was_undecodable = True
