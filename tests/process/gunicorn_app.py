"""A service that transfers the call in its path, as gunicorn serves it: one client, made before the fork."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import calltransfer

client = calltransfer.Client()
if os.environ.get("USED_BEFORE_FORK"):
    client.transfer(os.environ["USED_BEFORE_FORK"], "+18382947878")  # its connections are the parent's
    client.transfer_many([("c-none", "+18382947878")])  # and so are these threads


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    call_id = environ["PATH_INFO"].strip("/")
    try:
        if environ["QUERY_STRING"] == "many":
            row = client.transfer_many([(call_id, "+18382947878")])[0]
            if row.error:
                raise row.error
        else:
            client.transfer(call_id, "+18382947878")
    except calltransfer.CallTransferError as error:
        start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [f"{error.outcome}: {error}".encode()]
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Worker", str(os.getpid()))])
    return [b"transferred"]
