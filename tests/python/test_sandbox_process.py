"""How a sandbox begins and ends: its port, its process and forks of that, and the command of the shell."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from calltransfer.sandbox import Sandbox

NEW = "+18382947878"


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.rsplit(":", 1)[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_port_that_is_taken_is_an_os_error() -> None:
    with Sandbox() as own, pytest.raises(OSError):
        Sandbox(port=port_of(own))


def test_closing_it_ends_it_and_says_so() -> None:
    sandbox = Sandbox()
    port = port_of(sandbox)
    assert listens(port)
    sandbox.close()
    sandbox.close()
    assert not listens(port)
    with pytest.raises(RuntimeError, match="closed"):
        sandbox.calls()


def test_unreferenced_sandbox_ends() -> None:
    sandbox = Sandbox()
    port = port_of(sandbox)
    del sandbox
    gc.collect()
    assert not listens(port)


def test_open_connection_does_not_hold_up_its_end() -> None:
    sandbox = Sandbox()
    with socket.create_connection(("127.0.0.1", port_of(sandbox))):
        sandbox.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_forked_child_is_refused_but_its_clients_work() -> None:
    code = f"""
import os, sys, threading, warnings
from calltransfer.sandbox import Sandbox
warnings.simplefilter("ignore")
sandbox = Sandbox()
sandbox.place_incoming_call(call_id="c-1")
child = os.fork()
if not child:
    try:
        sandbox.calls()
    except RuntimeError as error:
        print(error)
    sandbox.client().transfer("c-1", "{NEW}")
    sandbox.close()
    print("child", flush=True)
    del sandbox
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), sandbox.call("c-1")["state"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "forked" in lines[0]
    assert lines[1:] == ["child", "7 transferring"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_forked_child_does_not_keep_the_port() -> None:
    code = """
import os, urllib.request, warnings
from calltransfer.sandbox import Sandbox
warnings.simplefilter("ignore")
sandbox = Sandbox()
waits, ends = os.pipe()
child = os.fork()
if not child:
    os.close(ends)
    sandbox.close()
    os.read(waits, 1)
    os._exit(0)
health = urllib.request.urlopen(f"{sandbox.url}/_sandbox/health", timeout=10).status
sandbox.close()
with Sandbox(port=int(sandbox.url.rsplit(":", 1)[1])) as again:
    print(health, again.url == sandbox.url, os.waitpid(child, os.WNOHANG))
os.close(ends)
os.waitpid(child, 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("200 True (0, 0)\n", 0), done.stderr


def test_interpreter_may_end_with_one_running() -> None:
    code = "from calltransfer.sandbox import Sandbox; sandbox = Sandbox(); sandbox.me = sandbox"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_sandbox_is_not_imported_before_use() -> None:
    code = "import sys, calltransfer; print('calltransfer.sandbox' in sys.modules); print(calltransfer.sandbox.Sandbox)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["False", "<class 'calltransfer.sandbox.Sandbox'>"]


def shell(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "calltransfer.sandbox", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_sandbox_in_shell_prints_address_and_ends_on_signal(end: signal.Signals) -> None:
    with shell("--user-id", "u-1", "--owned-number", "+12") as process:
        assert process.stdout is not None
        reported = json.loads(process.stdout.readline())
        assert (reported["user_id"], reported["pid"]) == ("u-1", process.pid)
        with urllib.request.urlopen(f"{reported['url']}/_sandbox/health", timeout=10) as response:
            assert response.status == 200
        process.send_signal(end)
        rest, complaint = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in complaint


def test_from_a_shell_it_ends_with_its_standard_input() -> None:
    with shell("--exit-with-stdin") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"]
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_flags_of_the_shell_are_the_binarys() -> None:
    helped, wrong = shell("--help"), shell("--nonsense")
    said, _ = helped.communicate(timeout=20)
    assert helped.returncode == 0
    assert "Usage: python -m calltransfer.sandbox" in said or "--owned-number" in said
    _, complaint = wrong.communicate(timeout=20)
    assert wrong.returncode == 2
    assert "--nonsense" in complaint
