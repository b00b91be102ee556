"""The fixtures of `calltransfer_pytest`, under the name of this package."""

from __future__ import annotations

from calltransfer_pytest import calltransfer_client, calltransfer_sandbox, calltransfer_sandbox_settings

__all__ = ["calltransfer_client", "calltransfer_sandbox", "calltransfer_sandbox_settings"]
