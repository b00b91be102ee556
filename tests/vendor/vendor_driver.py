"""Calls methods of the vendor's own client, one for each line of JSON, and reports what came back."""

import json
import sys

import bandwidth
from bandwidth.voice import BandwidthVoiceAPIException

account = json.loads(sys.stdin.readline())
client = bandwidth.client("voice", account["user_id"], account["token"], account["secret"], api_endpoint=account["url"])
for line in sys.stdin:
    job = json.loads(line)
    try:
        result = getattr(client, job["method"])(*job["args"], **job["kwargs"])
        reported = {"result": result if isinstance(result, (str, dict, type(None))) else list(result)}
    except BandwidthVoiceAPIException as error:
        reported = {"error": {"status": error.status_code, "code": error.code, "message": error.message}}
    print(json.dumps(reported), flush=True)
