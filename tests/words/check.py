"""Finds retired words in the files of the repository; see docs/dev/glossary.md.

check.py           fails if a file has a retired word
check.py --count   prints counts per word and folder, of all files
check.py PATH ...  fails if one of these has a retired word
"""

import fnmatch
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NOT_TEXT = {".lock", ".png", ".svg", ".wav"}


def lines_of(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


RETIRED = dict(re.split(r"\s*->\s*", line, maxsplit=1) for line in lines_of("retired.txt"))
EXCEPTIONS = [re.split(r"\s*\|\s*", line, maxsplit=2) for line in lines_of("exceptions.txt")]
# A part of an identifier counts as a word: `told_how`, `ToldHow`.
SPLIT_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
WORDS = re.compile(
    r"(?<![A-Za-z])(" + "|".join(word.replace(" ", r"[ _]") for word in RETIRED) + r")(?![A-Za-z])",
    re.IGNORECASE,
)


def files(paths):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted(name for name in listed.split("\0") if name)
    return [name for name in names if Path(name).suffix not in NOT_TEXT and (ROOT / name).is_file()]


def is_exception(name, word):
    return any(fnmatch.fnmatch(name, path) and allowed in ("*", word) for path, allowed, _ in EXCEPTIONS)


def findings(paths):
    for name in files(paths):
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate([Path(name).stem, *text.splitlines()]):
            for match in WORDS.finditer(SPLIT_CAPITALS.sub("_", line)):
                word = match[1].lower().replace("_", " ")
                if not is_exception(name, word):
                    yield name, number, word


def count():
    table = Counter()
    for name, _, word in findings(["."]):
        table[word, name.split("/")[0] if "/" in name else "(root)"] += 1
    folders = sorted({folder for _, folder in table})
    print("word", *folders, "total", sep="\t")
    for word in RETIRED:
        row = [table[word, folder] for folder in folders]
        print(word, *row, sum(row), sep="\t")
    totals = [sum(n for (_, folder), n in table.items() if folder == each) for each in folders]
    print("total", *totals, sum(totals), sep="\t")


def main(arguments):
    if arguments == ["--count"]:
        return count()
    found = list(findings(arguments or ["."]))
    for name, number, word in found:
        where = f"{name}:{number}" if number else f"{name} (file name)"
        print(f'{where}: retired word "{word}"; write: {RETIRED[word]}', file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
