"""What the benchmark needs: builds it, and says aloud what is missing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
RELEASE = TARGET / "release"
LIBRARY = TARGET / "c/lib"
HOME = TARGET / "bench"
PROGRAMS = HOME / "bin"
PYTHON = HOME / "venv" / "bin" / "python"
#: The vendor's SDKs of both APIs have the same name.
PYTHON_V2 = HOME / "venv-v2" / "bin" / "python"
HEADERS = ROOT / "include"

#: What may be missing, and how to get it.
ADVICE = {
    "libcurl": "the C peer libcurl: install libcurl4-openssl-dev",
    "wrk": "the ceiling wrk: install wrk",
}


def prepare() -> dict[str, bool]:
    """Builds all programs and the wheel; reports which of the optional things are there."""
    build_ours()
    if not PYTHON.exists():
        call(sys.executable, "-m", "venv", str(HOME / "venv"))
    pip("install", "-r", "benches/requirements.txt")
    shutil.rmtree(HOME / "wheel", ignore_errors=True)
    pip("wheel", "--no-deps", "-w", str(HOME / "wheel"), "./python")
    pip("install", "--force-reinstall", "--no-deps", *map(str, wheels()))
    there = {
        "wrk": shutil.which("wrk") is not None,
        "libcurl": compile_c("libcurl", "-lcurl"),
    }
    for name, is_there in there.items():
        if not is_there:
            print(f"SKIPPED: without {ADVICE[name]}", file=sys.stderr)
    return there


def prepare_vendor_v2() -> None:
    """Installs the vendor's present SDK, with what the tests install it with."""
    if not PYTHON_V2.exists():
        call(sys.executable, "-m", "venv", str(HOME / "venv-v2"))
    call(
        str(PYTHON_V2),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        "tests/vendor/requirements-v2.txt",
    )


def build_ours() -> None:
    """All programs that are always there; the library is."""
    os.chdir(ROOT)
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    call("cargo", "build", "--release", "--locked", "-p", "calltransfer-benches")
    for name in ("raw_socket", "ours", "ours_queue", "ours_cpp"):
        if not compile_c(name, f"-L{LIBRARY}", "-lcalltransfer", f"-Wl,-rpath,{LIBRARY}"):
            raise SystemExit("a program of ours doesn't compile: see above")


def pinned(core: int) -> Callable[[], None]:
    return lambda: os.sched_setaffinity(0, {core})


def serve(stack: ExitStack, *options: str, core: int | None = None) -> str:
    """Starts a fixture server, which ends with its input, and gives its port."""
    command = [f"{RELEASE}/bench-server", *options]
    pin = None if core is None else pinned(core)
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=pin)
    stack.callback(server.wait)
    assert server.stdin and server.stdout
    stack.callback(server.stdin.close)
    return server.stdout.readline().strip()


def call(*command: str) -> None:
    subprocess.run(command, check=True)


def pip(*arguments: str) -> None:
    call(str(PYTHON), "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:])


def compile_c(name: str, *more: str) -> bool:
    source = next(
        path for path in (ROOT / "benches/c" / f"{name}.c", ROOT / "benches/c" / f"{name}.cpp") if path.exists()
    )
    compiler = ["c++", "-std=c++17"] if source.suffix == ".cpp" else ["cc", "-std=gnu11"]
    flags = ["-O2", "-Wall", "-Wextra", f"-I{HEADERS}"]
    return subprocess.run([*compiler, *flags, str(source), "-o", str(PROGRAMS / name), *more]).returncode == 0


def wheels() -> list[Path]:
    return sorted((HOME / "wheel").glob("calltransfer-*.whl"))


def sizes() -> dict[str, int]:
    """In bytes: the stripped library and the wheel."""
    return {"libcalltransfer.so": (LIBRARY / "libcalltransfer.so").stat().st_size, "wheel": wheels()[0].stat().st_size}


def machine() -> str:
    """Of the kind, not the name."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.*)$", info, re.MULTILINE)
    name = model[1] if model else platform.machine()
    return (
        f"{name}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}"
    )
