"""The three transfers of the API's page, of the three calls that are named on the command line.

The account comes from the environment. Exits with 0 only if all three were made.
"""

from __future__ import annotations

import sys
from typing import Any

import calltransfer

TRANSFERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("+19192223333", {}),
    ("+18382947878", {"caller_id": "private", "whisper_audio": "Hello! You have an incoming call"}),
    ("+19195554444", {"diversion_treatment": "stack", "diversion_reason": "do-not-disturb"}),
)


def main(call_ids: list[str]) -> int:
    if len(call_ids) != len(TRANSFERS):
        print("usage: three_transfers.py CALL_ID CALL_ID CALL_ID", file=sys.stderr)
        return 2
    failed = 0
    for call_id, (to, options) in zip(call_ids, TRANSFERS):
        try:
            print("sent    ", calltransfer.payload(call_id, to, **options))
            done = calltransfer.transfer(call_id, to, **options)
            print(f"answer   {done.http_status}, new call {done.new_call_id or 'not named'}")
        except calltransfer.CallTransferError as error:
            failed += 1
            print(f"{error.outcome}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
