"""More submissions than a process has descriptors: the host's own files, its threads, and every outcome.

`make test` submits 2,000 transfers; `make test-long` 10,000 and 100,000, and prints the former beside libcurl's multi
handle.
"""

from __future__ import annotations

import json
import os
import pathlib
import resource
import shlex
import subprocess
from typing import Any

import pytest
import trustme
from c.compiler import compile_program

from bounds.platform import Server, account, server

HERE = pathlib.Path(__file__).resolve().parent
IS_LONG = bool(os.environ.get("CALLTRANSFER_TEST_LONG"))
COUNTS = [10_000, 100_000] if IS_LONG else [2_000]
DESCRIPTORS = 1024
CONNECTIONS = 64
# Of the host, its watcher, the workers and the queue.
OTHER_DESCRIPTORS = 24
# Workers, and a look-up; the watcher and main are the host's.
THREADS = 2 + 4 + 1
# A waiting transfer needs 3.4 to 4 (docs/limits.md); the rest is for 64 connections, TLS and the pages of the library.
KIB_PER_TRANSFER, OTHER_KIB = 5, 8 * 1024
# Enough for all of them, fast and slow; what a silent server gets.
AMPLE_MS, SHORT_MS = 590_000, 3_000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    options = ("-D_DEFAULT_SOURCE",)
    return compile_program(HERE / "queue.c", tmp_path_factory.mktemp("bounds") / "queue", options=options)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    library = tmp_path_factory.mktemp("bounds") / "names.so"
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-shared", "-fPIC", "-o", library, HERE / "names.c", "-ldl"], check=True)
    return library


def submitted(program: pathlib.Path, *arguments: Any, environment: dict[str, str]) -> dict[str, Any]:
    """What the host reports that ran with few descriptors."""
    few = (DESCRIPTORS, DESCRIPTORS)
    done = subprocess.run(
        [program, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env=environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, few),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(f"\n{done.stdout.strip()} {done.stderr.strip()}")
    assert found["failed_opens"] == 0, "the host could not open its own files"
    assert found["threads"] <= THREADS
    return found


class Place:
    """How the platform is reached: its base URL, and what a program needs for it."""

    def __init__(self, certificate: list[str], base_url: str, more: dict[str, str], arguments: list[str]) -> None:
        self.certificate = certificate
        self._base_url = base_url
        self._more = more
        self.arguments = arguments

    def environment(self, platform: Server) -> dict[str, str]:
        return account(f"{self._base_url}:{platform.port}", **self._more)


@pytest.fixture(params=["plain", "looked_up"])
def place(request: pytest.FixtureRequest, names: pathlib.Path, tmp_path: pathlib.Path) -> Place:
    """Plain HTTP to a name of this machine, which is never looked up; or TLS to a name that is."""
    if request.param == "plain":
        return Place([], "http://platform.localhost", {}, [])
    authority = trustme.CA()
    certificate, ca_file = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("platform.example").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(ca_file))
    more = {"LD_PRELOAD": str(names), "NAMES_LOG": str(tmp_path / "look-ups"), "NAMES_MS": "300"}
    return Place([str(certificate)], "https://platform.example", more, [str(ca_file)])


def is_within_bounds(found: dict[str, Any], count: int) -> None:
    assert found["descriptors"] <= CONNECTIONS + OTHER_DESCRIPTORS
    for_transfers = found["kib"] - found["begin_kib"] - OTHER_KIB
    assert for_transfers <= count * KIB_PER_TRANSFER, f"{for_transfers / count:.1f} KiB for each transfer"


def is_looked_up_once(log: pathlib.Path, found: dict[str, Any]) -> None:
    # Each 5 s at most.
    looked_up = len(log.read_bytes()) if log.exists() else 0
    assert looked_up <= 1 + found["seconds"] // 5


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("mode", ["fast", "slow"])
def test_submissions_beyond_the_descriptors_are_all_applied(
    mode: str, count: int, place: Place, program: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    with server(mode, *place.certificate) as platform:
        found = submitted(program, count, AMPLE_MS, *place.arguments, environment=place.environment(platform))
        seen = platform.ended()
    assert found["applied"] == count
    assert seen["requests"] == count and seen["twice"] == 0
    is_within_bounds(found, count)
    is_looked_up_once(tmp_path / "look-ups", found)
    assert (tmp_path / "look-ups").exists() == bool(place.certificate)


@pytest.mark.parametrize("count", COUNTS)
def test_silent_server_leaves_unknown_only_what_had_a_turn(
    count: int, place: Place, program: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    with server("silent", *place.certificate) as platform:
        found = submitted(program, count, SHORT_MS, *place.arguments, environment=place.environment(platform))
        seen = platform.ended()
    assert found["unknown"] == seen["requests"] >= CONNECTIONS
    assert found["not_sent"] == count - found["unknown"]
    # Each has its connection for a tenth of its time at least, and the last came later than the first.
    assert found["unknown"] <= CONNECTIONS * (found["seconds"] / (SHORT_MS / 1000 / 10))
    assert seen["twice"] == 0
    is_within_bounds(found, count)
    is_looked_up_once(tmp_path / "look-ups", found)


def test_name_that_hangs_is_not_sent(program: pathlib.Path, names: pathlib.Path, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "look-ups"
    more = {"LD_PRELOAD": str(names), "NAMES_LOG": str(log)}
    found = submitted(program, COUNTS[0], SHORT_MS, environment=account("https://hangs.example", **more))
    assert found["not_sent"] == COUNTS[0]
    assert len(log.read_bytes()) == 1


@pytest.mark.skipif(not IS_LONG, reason="beside libcurl in `make test-long` only")
@pytest.mark.parametrize("count", COUNTS[:1])
@pytest.mark.parametrize("mode", ["fast", "slow", "silent"])
def test_libcurl_for_comparison(mode: str, count: int, tmp_path: pathlib.Path) -> None:
    compiler = shlex.split(os.environ.get("CC", "cc"))
    program = tmp_path / "multi"
    command = [*compiler, "-O2", "-D_DEFAULT_SOURCE", str(HERE / "multi.c"), "-o", str(program), "-lcurl", "-pthread"]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("NO LIBCURL (Debian: libcurl4-openssl-dev): nothing was compared")
    with server(mode) as platform:
        few = (DESCRIPTORS, DESCRIPTORS)
        base_url = f"http://platform.localhost:{platform.port}"
        done = subprocess.run(
            [program, str(count), str(SHORT_MS if mode == "silent" else AMPLE_MS), base_url],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, few),
        )
        print(f"\n{mode} {count} {done.stdout.strip()} {platform.ended()} {done.stderr}")
    assert done.returncode == 0, done.stderr
