# SPDX-License-Identifier: Apache-2.0
"""A server that breaks the rules of HTTP in the way that the path names."""
import hashlib
import os
import signal
import socket
import sys
import threading
import time

OK = b"HTTP/1.1 200 OK\r\n"


def sized(body, *fields):
    return OK + b"".join(field + b"\r\n" for field in fields) + b"Content-Length: %d\r\n\r\n" % len(body) + body


RAW = {
    "garbage": b"\x16\x03\x01 this is no HTTP\r\n\r\n",
    "half": OK + b"X-A: b",
    "badstatus": b"HTTP/1.1 42 No\r\n\r\n",
    "upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "splitname": OK + b"X A: b\r\n\r\n",
    "control": OK + b"X-A: \0\r\n\r\n",
    "lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "both": OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "long": OK + b"X-Long: " + b"x" * 11_000_000 + b"\r\n\r\n",
    "short": OK + b"Content-Length: 10\r\n\r\nhello",
    "chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n",
    "nochunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "nothing": b"",
    "two": sized(b"one") + sized(b"two"),
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + sized(b"last"),
    "trailer": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Trailer: 1\r\n\r\n",
    "untilclose": b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "early": b"HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge",
    "own": sized(b"x", b"Connection: X-Own", b"X-Own: 1", b"Keep-Alive: timeout=5", b"X-Kept: 1"),
}
STAY = {"two", "interim", "trailer", "own"}


class Client(threading.Thread):
    def __init__(self, connection):
        super().__init__(daemon=True)
        self.connection = connection
        self.data = b""

    def head(self):
        while b"\r\n\r\n" not in self.data:
            more = self.connection.recv(65536)
            if not more:
                return None
            self.data += more
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        return head

    def body(self, head):
        digest, size = hashlib.sha256(), 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        left = size
        while left:
            if not self.data:
                self.data = self.connection.recv(1 << 20)
                if not self.data:
                    sys.exit()
            part, self.data = self.data[:left], self.data[left:]
            digest.update(part)
            left -= len(part)
        return b"%d %s" % (size, digest.hexdigest().encode())

    def take(self, size):
        while len(self.data) < size:
            more = self.connection.recv(1 << 20)
            if not more:
                raise ConnectionResetError
            self.data += more
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def frame(self):
        """Sends a frame back without its mask."""
        first, second = self.take(2)
        length = second & 127
        size = self.take({126: 2, 127: 8}.get(length, 0))
        mask = self.take(4)
        payload = self.take(int.from_bytes(size, "big") if size else length)
        clear = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.connection.sendall(bytes([first, length]) + size + clear)
        return first & 15 != 8

    def run(self):
        try:
            while (head := self.head()) is not None:
                if not self.serve(head):
                    return
        except OSError:
            pass
        finally:
            self.connection.close()

    def serve(self, head):
        method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ")
        name, _, argument = target[1:].partition("?")
        send = self.connection.sendall
        if name in RAW:
            if name != "early":
                self.body(head)
            send(RAW[name])
            return name in STAY
        if name == "digest":
            send(sized(self.body(head)))
        elif name == "bytes":
            send(OK + b"Content-Length: %d\r\n\r\n" % int(argument))
            block = bytes(range(251)) * 400
            for start in range(0, int(argument), len(block)):
                send(block[:min(len(block), int(argument) - start)])
        elif name == "sleep":
            time.sleep(int(argument) / 1000)
            send(sized(b"%d" % os.getpid()))
        elif name == "never":
            time.sleep(1000)
        elif name == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        elif name == "killedsending":
            send(OK + b"Content-Length: 10\r\n\r\nhello")
            os.kill(os.getpid(), signal.SIGKILL)
        elif name == "unasked":
            send(sized(b"first"))
            time.sleep(0.1)
            send(sized(b"second"))
        elif name == "socket":
            send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            while self.frame():
                pass
            return False
        elif method == "HEAD":
            send(OK + b"Content-Length: 5\r\n\r\n")
        else:
            send(sized(head))
        return True


listener = socket.socket(fileno=3)
assert os.environ["LISTEN_PID"] == str(os.getpid()) and os.environ["LISTEN_FDS"] == "1"
# Nobody shall have it twice.
assert sorted(map(int, os.listdir("/proc/self/fd")))[:4] == [0, 1, 2, 3]
while True:
    Client(listener.accept()[0]).start()
