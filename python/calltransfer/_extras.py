"""What only some need: imported where it is asked for, and named with its extra where it is missing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def needed(module: str, what: str, extra: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as missing:
        raise ImportError(f"{what}: needs {module}; pip install 'calltransfer[{extra}]'") from missing
