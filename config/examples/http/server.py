# SPDX-License-Identifier: Apache-2.0
"""A server of its own on the socket that it inherits: descriptor 3, as from systemd."""
import http.server
import os
import socket


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = "Hello from HTTP process %d: %s\n" % (os.getpid(), self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        """Requests are logged by the server in front."""


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, inherited):
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = inherited

    def get_request(self):
        # Clients of a Unix socket have no address.
        return self.socket.accept()[0], ("", 0)


Server(socket.socket(fileno=3)).serve_forever()
