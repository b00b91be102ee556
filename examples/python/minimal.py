"""Transfers the call that is named on the command line."""

import sys

import calltransfer

try:
    done = calltransfer.transfer(
        sys.argv[1], "+18382947878", caller_id="private", whisper_audio="You have an incoming call"
    )
    print("the new call is", done.new_call_id)
except calltransfer.CallTransferError as error:
    print(f"{error.outcome}: {error}")
