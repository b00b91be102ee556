"""The three transfers of the API's page, of the three calls that are named on the command line."""

import sys

import calltransfer

TRANSFERS = [
    ("+19192223333", {}),
    ("+18382947878", {"caller_id": "private", "whisper_audio": "Hello! You have an incoming call"}),
    ("+19195554444", {"diversion_treatment": "stack", "diversion_reason": "do-not-disturb"}),
]

client = calltransfer.Client()
try:
    for call_id, (to, options) in zip(sys.argv[1:], TRANSFERS):
        print("sent    ", calltransfer.payload(call_id, to, **options))
        done = client.transfer(call_id, to, **options)
        print(f"answer   {done.http_status}, new call {done.call_id}")
except calltransfer.CallTransferError as error:
    sys.exit(f"{error.outcome}: {error}")
