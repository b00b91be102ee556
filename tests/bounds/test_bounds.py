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

from bounds.platform import account, server

HERE = pathlib.Path(__file__).resolve().parent
IS_LONG = bool(os.environ.get("CALLTRANSFER_TEST_LONG"))
COUNTS = [10_000, 100_000] if IS_LONG else [2_000]
DESCRIPTORS = 1024
CONNECTIONS = 64
# Of the host, its watcher, the workers and the queue.
OTHER_DESCRIPTORS = 24
# Workers, and a look-up; the watcher and main are the host's.
THREADS = 2 + 4 + 1
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


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("mode", ["fast", "slow"])
def test_submissions_beyond_the_descriptors_are_all_applied(mode: str, count: int, program: pathlib.Path) -> None:
    with server(mode) as platform:
        base_url = f"http://platform.localhost:{platform.port}"
        found = submitted(program, count, AMPLE_MS, environment=account(base_url))
        seen = platform.ended()
    assert found["applied"] == count
    assert seen["requests"] == count and seen["twice"] == 0
    assert found["descriptors"] <= CONNECTIONS + OTHER_DESCRIPTORS


@pytest.mark.parametrize("count", COUNTS)
def test_silent_server_leaves_unknown_only_what_had_a_turn(count: int, program: pathlib.Path) -> None:
    with server("silent") as platform:
        base_url = f"http://platform.localhost:{platform.port}"
        found = submitted(program, count, SHORT_MS, environment=account(base_url))
        seen = platform.ended()
    assert found["unknown"] == seen["requests"] >= CONNECTIONS
    assert found["not_sent"] == count - found["unknown"]
    # Each has its connection for a tenth of its time at least, and the last came later than the first.
    assert found["unknown"] <= CONNECTIONS * (found["seconds"] / (SHORT_MS / 1000 / 10))
    assert seen["twice"] == 0


@pytest.mark.parametrize("count", COUNTS[:1])
def test_one_look_up_serves_all_who_wait(
    count: int, program: pathlib.Path, names: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    authority, log = trustme.CA(), tmp_path / "look-ups"
    certificate, ca_file = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("platform.example").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(ca_file))
    with server("fast", str(certificate)) as platform:
        more = {"LD_PRELOAD": str(names), "NAMES_LOG": str(log), "NAMES_MS": "300"}
        base_url = f"https://platform.example:{platform.port}"
        found = submitted(program, count, AMPLE_MS, ca_file, environment=account(base_url, **more))
        seen = platform.ended()
    assert found["applied"] == seen["requests"] == count
    assert found["descriptors"] <= CONNECTIONS + OTHER_DESCRIPTORS
    # Each 5 s at most.
    assert 1 <= len(log.read_bytes()) <= 1 + found["seconds"] // 5


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
