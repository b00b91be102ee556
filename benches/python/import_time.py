"""How long `import` takes: this package beside the clients that people know, in one run.

Run by `make bench-import`. Each import is in an interpreter of its own, in turn, many times over; what
an interpreter takes to start is measured the same way and taken off. The other clients are installed
into a folder of their own under build/, at the first run.
"""

from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "import-time"
ROUNDS = int(os.environ.get("ROUNDS", "15"))
OTHERS = ["requests==2.34.2", "httpx==0.28.1", "bandwidth-sdk==3.1.0"]
# The vendor's SDK of today has the name of the old one, so it has a folder to itself.
TODAYS = "bandwidth-sdk==23.3.1"
STATEMENTS = {
    "calltransfer": "import calltransfer",
    "requests": "import requests",
    "httpx": "import httpx",
    OTHERS[-1]: "import bandwidth.voice",
    TODAYS: f"import sys; sys.path.insert(0, {str(FOLDER / 'todays')!r}); import bandwidth",
}


def environment() -> pathlib.Path:
    """A Python with all of them; ours is copied from the one that runs this."""
    python = FOLDER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *OTHERS], check=True)
    if not (FOLDER / "todays").exists():
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", FOLDER / "todays", TODAYS], check=True)
    import calltransfer

    ours = pathlib.Path(calltransfer.__file__).resolve().parent.parent
    link = next((FOLDER / "lib").glob("python3.*")) / "site-packages" / "calltransfer.pth"
    link.write_text(f"{ours}\n", encoding="utf-8")
    return python


def seconds(python: pathlib.Path, statement: str) -> float:
    """Of the processor, so that what else runs on the machine counts little."""
    process = subprocess.Popen([python, "-c", statement])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{statement}: ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    python = environment()
    statements = {"": "pass", **STATEMENTS}
    taken: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(ROUNDS + 1):
        for name, statement in statements.items():
            taken[name].append(seconds(python, statement))
    start = statistics.median(taken.pop("")[1:])  # the first round fills the caches
    ours = statistics.median(taken["calltransfer"][1:]) - start
    print(f"the interpreter alone: {start * 1000:.1f} ms of processor time; on top of it, median of {ROUNDS}:")
    for name, times in taken.items():
        import_time = statistics.median(times[1:]) - start
        print(f"{name:<22}{import_time * 1000:8.1f} ms   {import_time / ours:6.1f} times ours")


if __name__ == "__main__":
    main()
