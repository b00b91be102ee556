from collections.abc import Sequence
from typing import Any, final

__all__ = [
    "Client",
    "ENVIRONMENT",
    "ERROR_KINDS",
    "OPTIONS",
    "Sandbox",
    "VARIABLES",
    "__version__",
    "bxml",
    "payload",
    "run_sandbox",
    "whisper_bxml",
]

__version__: str
ERROR_KINDS: tuple[str, ...]
OPTIONS: tuple[str, ...]
ENVIRONMENT: tuple[str, ...]
VARIABLES: tuple[tuple[str, str], ...]

_Log = list[tuple[bool, str]] | None
_Call = tuple[str, str, list[str | None], str]

@final
class Client:
    def __new__(cls, settings: dict[str, Any]) -> Client: ...
    @property
    def api(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    def transfer(
        self, call_id: str, to: str | Sequence[str], options: dict[str, Any], timeout: float | None, log: _Log
    ) -> tuple[str | None, str, int, int, float, str | None]: ...
    def preview(
        self, what: str, call_id: str, to: str | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, str, str | None, str | None]: ...
    def get_call(self, call_id: str, log: _Log) -> _Call: ...
    def answer(self, call_id: str, log: _Log) -> None: ...
    def hang_up(self, call_id: str, log: _Log) -> None: ...
    def check(self, call_id: str, log: _Log) -> tuple[Any, str, str | None, _Call | None]: ...

def payload(call_id: str, to: str | Sequence[str], options: dict[str, Any]) -> str: ...
def bxml(call_id: str, to: str | Sequence[str], options: dict[str, Any]) -> str: ...
def whisper_bxml(whisper_audio: Any) -> str: ...

@final
class Sandbox:
    def __new__(
        cls,
        account: tuple[str, str, str],
        owned_numbers: list[str],
        port: int,
        https: str | None,
        callbacks_anywhere: bool,
    ) -> Sandbox: ...
    @property
    def url(self) -> str: ...
    @property
    def https_url(self) -> str | None: ...
    @property
    def ca_pem(self) -> str | None: ...
    def admin(self, method: str, path: str, body: str) -> tuple[int, str]: ...
    def close(self) -> None: ...

def run_sandbox(command_line: list[str]) -> int: ...
