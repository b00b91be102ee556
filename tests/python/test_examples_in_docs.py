"""Every public name has an example in its docstring, and the example runs."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import types
from collections.abc import Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer import errors
from calltransfer.sandbox import Sandbox

NAMES = [name for name in calltransfer.__all__ if not name.startswith("_")]


def documented() -> Iterator[tuple[str, Any]]:
    """Each public name, and each public method of a public class that is its own."""
    for name in NAMES:
        thing = getattr(calltransfer, name)
        yield name, thing
        if inspect.isclass(thing) and thing.__module__.startswith("calltransfer"):
            for attribute, member in vars(thing).items():
                if inspect.isfunction(member) and not attribute.startswith("_"):
                    yield f"{name}.{attribute}", member


def needs_example(thing: Any) -> bool:
    """Whether it is no error class that is handled as its base class's example shows."""
    is_error = inspect.isclass(thing) and issubclass(thing, calltransfer.CallTransferError)
    return not is_error or "try:" in (thing.__doc__ or "")


DOCUMENTED = {name: thing for name, thing in documented() if needs_example(thing)}
INDENTED = re.compile(r"^\n    \S", re.MULTILINE)


def example(thing: Any) -> str:
    """The first indented block of a docstring; of a doctest, only the input."""
    lines = inspect.cleandoc(thing.__doc__ or "").splitlines()
    sections = [at for at, line in enumerate(lines) if line.startswith(("Args:", "Raises:", "Attributes:", "Returns:"))]
    lines = lines[: min(sections, default=len(lines))]
    if "Example:" in lines:
        lines = lines[lines.index("Example:") + 1 :]
    elif not any(line.startswith("    ") and line.strip() for line in lines[2:]) or not INDENTED.search(
        "\n".join(lines)
    ):
        # Where the example is all that follows the first line, its indent is the docstring's own.
        lines = [lines[0], "", *(f"    {line}" for line in lines[2:])]
    block: list[str] = []
    for line in lines:
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line[4:])
        elif block:
            break
    if any(line.startswith(">>> ") for line in block):
        block = [line[4:] for line in block if line.startswith((">>> ", "... "))]
    return "\n".join(block).strip()


class Raising:
    """A client whose transfers fail with one kind of error: a sandbox can't cause every kind."""

    def __init__(self, kind: str, client: calltransfer.Client) -> None:
        self._kind = kind
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transfer(self, *_: object, **__: object) -> None:
        known = {"outcome": "not_applied", "retry_after": 1.0, "call_id": "c-call123"}
        raise errors.make(self._kind, "as the example needs it", known)


def of_an_event() -> dict[str, Any]:
    """A request of the platform, and a receiver that has one event and gets no further ones."""
    body = b'{"eventType": "hangup", "callId": "c-1", "cause": "USER_BUSY"}'
    event = calltransfer.parse_event(body)
    headers = {"Content-Type": "application/json"}
    receiver = calltransfer.EventReceiver(allow_anonymous=True)
    receiver.receive("POST", headers, body)
    receiver.close()
    request = types.SimpleNamespace(headers=headers, body=body)
    given = {"json": json, "Event": calltransfer.Event, "line": json.dumps(event.to_dict())}
    return {"body": body, "event": event, "request": request, "receiver": receiver, **given}


def names(name: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What stands around an example."""
    state = "started" if name.endswith(".answer") or name == "CallTransferError" else "active"
    sandbox.place_incoming_call(call_id="c-call123", state=state)
    for number in range(10):
        sandbox.place_incoming_call(call_id=f"c-{number}")
    client = sandbox.client()
    error = errors.make("outcome_unknown", "an error", {"outcome": "unknown", "call_id": "c-call123"})
    around: dict[str, Any] = {"calltransfer": calltransfer, "client": client, "sandbox": sandbox, "error": error}
    around |= {
        each: getattr(calltransfer, each) for each in ("bxml", "payload", "transfer", "whisper_bxml", "WhisperAudio")
    }
    if name.startswith(("TransferResults.", "TransferRow.")):
        around["results"] = client.transfer_many([("c-1", "+18382947878"), ("c-none", "+18382947878")])
    if name.startswith("AsyncClient."):
        around["client"] = calltransfer.AsyncClient()  # of the environment, which the plugin has filled
    if name.startswith(("Event", "parse_event")):
        around |= of_an_event()
        monkeypatch.setenv("HOOK_PASSWORD", "s3cret")
    if name.startswith(("Run.", "RunRow", "RunFinding", "RunSummary", "RunCheck", "RunRetry")):
        around["run"] = calltransfer.Run("run.db")
        around["run"].add([("c-3", "+18382947878")])
    if name.startswith("AsyncRun."):
        around["run"] = calltransfer.AsyncRun("run.db")
    thing = getattr(calltransfer, name, None)
    if (
        inspect.isclass(thing)
        and issubclass(thing, calltransfer.CallTransferError)
        and thing.kind not in ("configuration", "invalid_argument")
    ):
        around["client"] = Raising(thing.kind, client)
    return around


def run(code: str, around: dict[str, Any]) -> None:
    compiled = compile(code, "the example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if compiled.co_flags & inspect.CO_COROUTINE:
        function = types.FunctionType(compiled, around)
        asyncio.run(function())
    else:
        exec(compiled, around)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_example_of_a_docstring_runs(
    name: str,
    calltransfer_sandbox: Sandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.chdir(tmp_path)
    code = example(DOCUMENTED[name])
    assert code, f"{name} has no example"
    run(code, names(name, calltransfer_sandbox, monkeypatch))
    if re.search(r"^ +print\(", code, re.MULTILINE) and "except" in code and name in errors.__dict__:
        assert capsys.readouterr().out, "the error of the example was not raised"


@pytest.mark.parametrize("name", [name for name in NAMES if name in DOCUMENTED])
def test_help_and_a_notebooks_question_mark_show_the_example(name: str) -> None:
    thing = getattr(calltransfer, name)
    assert example(types.SimpleNamespace(__doc__=inspect.getdoc(thing)))


def test_errors_without_an_example_are_handled_as_the_base_class() -> None:
    without = {name for name, _ in documented()} - set(DOCUMENTED)
    assert "CallTransferError" not in without and "OutcomeUnknownError" not in without
    assert without <= {error.__name__ for error in errors.KINDS.values()}
