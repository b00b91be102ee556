"""A real PostgreSQL for a test: in a folder, on a socket of its own. `None` where the machine has none."""

from __future__ import annotations

import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

SKIPPED = "NO POSTGRESQL ON THIS MACHINE (pg_ctl): runs in a database were not tried; set CALLTRANSFER_TEST_PG_BIN"


def programs() -> pathlib.Path | None:
    """The folder of `pg_ctl` and `initdb`."""
    given = os.environ.get("CALLTRANSFER_TEST_PG_BIN")
    found = shutil.which("pg_ctl")
    folders = [pathlib.Path(given)] if given else []
    folders += sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [pathlib.Path(found).resolve().parent] if found else []
    return next((folder for folder in folders if (folder / "pg_ctl").exists() and (folder / "initdb").exists()), None)


class Postgres:
    """A server; `close` ends it and removes its folder."""

    def __init__(self, binaries: pathlib.Path, password: str | None = None) -> None:
        self._binaries = binaries
        # A short path: that of a socket has a limit.
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="ct-pg-"))
        self._folder.chmod(0o755)
        # The server refuses to run as root.
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        try:
            how = ["-A", "trust"]
            if password is not None:
                file = self._folder / "password"
                file.write_text(password)
                file.chmod(0o644)  # made up, and gone with the folder
                how = ["-A", "scram-sha-256", f"--pwfile={file}"]
            self._run("initdb", "-D", self._data, "-U", "calltransfer", *how, "-E", "UTF8")
            self._control("start")
        except BaseException:
            self.close()
            raise
        self.url = f"postgresql://calltransfer@{str(self._folder).replace('/', '%2F')}/postgres"

    def database(self, name: str) -> str:
        """The URL of a new database."""
        self._run("createdb", "-h", str(self._folder), "-U", "calltransfer", name)
        return self.url.removesuffix("postgres") + name

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd="/",
            check=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )

    def _control(self, action: str) -> None:
        options = f"-c listen_addresses='' -k {self._folder}"
        how = ["-m", "immediate"] if action == "restart" else []
        self._run("pg_ctl", "-D", self._data, "-w", *how, "-l", str(self._folder / "log"), "-o", options, action)

    def restart_at_once(self) -> None:
        """Ends every connection as a crash does, and starts again."""
        self._control("restart")

    def close(self) -> None:
        try:
            self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")
        except subprocess.CalledProcessError:
            pass  # it did not run
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def running(password: str | None = None) -> Iterator[Postgres]:
    """A server for the time of a test, which is skipped if PostgreSQL is not installed."""
    binaries = programs()
    if binaries is None:
        pytest.skip(SKIPPED)
    server = Postgres(binaries, password)
    try:
        yield server
    finally:
        server.close()
