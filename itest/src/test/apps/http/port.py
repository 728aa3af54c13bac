# SPDX-License-Identifier: Apache-2.0
"""A small server of the standard library; it serves one connection at a time and starts slowly."""
import http.server
import os
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    begun = time.monotonic()

    def do_GET(self):
        early = self.path == "/ready" and time.monotonic() < Handler.begun + float(sys.argv[2])
        body = b"%d" % os.getpid()
        self.send_response(503 if early else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


assert os.environ["PORT"] == sys.argv[1]
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
