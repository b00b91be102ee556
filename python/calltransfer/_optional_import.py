"""Imports packages that only some users need. If one is missing, the error names the extra that installs it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def optional_import(module: str, what: str, extra: str) -> Any:
    """Imports `module`, which `what` needs and the extra `extra` installs."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as missing:
        raise ImportError(f"{what}: needs {module}; pip install 'calltransfer[{extra}]'") from missing
