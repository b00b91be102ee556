"""A host without certificates to trust."""

import os
import ssl
import subprocess
import sys
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

import trustme

PROGRAM = """
import sys, calltransfer
client = calltransfer.Client(user_id="u-1", token="t", secret="s", base_url=sys.argv[1])
try:
    client.transfer("c-1", "+18382947878")
except calltransfer.TlsError as error:
    print(error.outcome, error.attempts, error)
"""


def test_host_without_roots_is_advised_to_set_ca_file():
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    heard = []

    class Handler(StreamRequestHandler):
        def handle(self):
            try:
                with context.wrap_socket(self.request, server_side=True) as secure:
                    heard.append(secure.recv(1))
            except OSError:
                pass

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = os.environ | {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": "/nonexistent"}
        url = f"https://127.0.0.1:{server.server_address[1]}"
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, url], env=environment, capture_output=True, text=True, timeout=60
        )
        server.shutdown()
    assert done.stdout.startswith("not_sent 1 "), done
    assert "the system's certificates could not be loaded; set ca_file" in done.stdout
    assert [byte for byte in heard if byte] == []
