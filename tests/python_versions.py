"""The Pythons of this machine that the package is for."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess

LOWEST = (3, 10)


def found() -> dict[tuple[int, int], str]:
    """An interpreter of each version that can be had, by `python3.X` on the PATH or in PYENV_ROOT."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    candidates = [str(path) for path in sorted(pyenv.glob("versions/3.*/bin/python3"))]
    candidates += [path for minor in range(10, 20) if (path := shutil.which(f"python3.{minor}"))]
    pythons: dict[tuple[int, int], str] = {}
    for candidate in candidates:
        reported = subprocess.run(
            [
                candidate,
                "-c",
                "import json, sys, sysconfig; print(json.dumps([*sys.version_info[:2], sysconfig.get_config_var('Py_GIL_DISABLED')]))",
            ],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if reported.returncode == 0 and re.match(r"\[3, \d+", reported.stdout):
            major, minor, without_lock = json.loads(reported.stdout)
            if (major, minor) >= LOWEST and not without_lock:
                pythons.setdefault((major, minor), candidate)
    return pythons


def lowest_and_highest() -> list[str]:
    pythons = found()
    return [pythons[version] for version in sorted({min(pythons), max(pythons)})] if pythons else []
