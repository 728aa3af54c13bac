# SPDX-License-Identifier: Apache-2.0
"""The questions that the test of all languages asks, answered by a server of its own on an inherited socket."""
import hashlib
import os
import socket
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler

import app


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True

    def get_request(self):
        connection, _ = self.socket.accept()
        return connection, ("local", 0)

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            # A server for one application, which dies of its faults.
            sys.stderr.write("%r\n" % error)
            sys.stderr.flush()
            os._exit(1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        name, _, argument = self.path[1:].partition("?")
        self.left = int(self.headers.get("Content-Length", 0))
        getattr(self, "tell_" + name)(int(argument or 0))
        while self.part():
            pass

    do_GET = do_POST = do_HEAD = answer

    def part(self, most=65536):
        data = self.rfile.read(min(most, self.left))
        self.left -= len(data)
        if self.left and not data:
            raise ConnectionResetError("the client has left")
        return data

    def send(self, content, status=200, **fields):
        self.begin(status, {"Content-Length": str(len(content)), **fields})
        if status != 204:
            self.wfile.write(content.encode())

    def begin(self, status, fields):
        self.send_response(status, "Text")
        self.send_header("Content-Type", "text/plain")
        for field in fields.items():
            self.send_header(*field)
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def tell_hello(self, argument):
        self.send("Hello world\n")

    def tell_digest(self, argument):
        digest, size = hashlib.sha256(), self.left
        while data := self.part():
            digest.update(data)
        self.send("%d %s" % (size, digest.hexdigest()))

    def tell_bytes(self, argument):
        self.begin(200, {"Transfer-Encoding": "chunked"})
        for at in range(0, argument, len(app.PATTERN)):
            self.chunk(app.PATTERN[:argument - at])
        self.chunk(b"")

    def tell_sized(self, argument):
        self.begin(200, {"Content-Length": str(argument)})
        if self.command != "HEAD":
            self.wfile.write((app.PATTERN * (argument // len(app.PATTERN) + 1))[:argument])

    def tell_pid(self, argument):
        self.send(str(os.getpid()))

    def tell_sleep(self, argument):
        time.sleep(argument / 1000)
        self.send(str(os.getpid()))

    def tell_raise(self, argument):
        raise ValueError("raised by the application")

    def half(self):
        self.begin(200, {"Transfer-Encoding": "chunked"})
        self.chunk(b"some bytes")

    def tell_half(self, argument):
        self.half()
        raise ValueError("raised after the head")

    def tell_exit(self, argument):
        app.last_words()
        os._exit(argument)

    def tell_killed(self, argument):
        app.die()

    def tell_killedreading(self, argument):
        self.part(10)
        app.die()

    def tell_killedsending(self, argument):
        self.half()
        app.die()

    def tell_status(self, argument):
        self.send("body", argument if argument < 1000 else 500)

    def tell_field(self, argument):
        self.send("body", **{"X-Long": "x" * argument})

    def log_message(self, *arguments):
        pass


class Inherited(Server):
    def __init__(self):
        super().__init__(None, Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=3)


Inherited().serve_forever()
