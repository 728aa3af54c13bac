# SPDX-License-Identifier: Apache-2.0
"""The application of the tests: the path says how to behave."""
import hashlib
import json
import os
import socket
import signal
import sys
import threading
import time

PLAIN = [("Content-Type", "text/plain")]
started = threading.Event()


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])
    return [b"Hello world\n"]


def environ(environ, start_response):
    start_response("200 OK", PLAIN)
    return [json.dumps({k: v if isinstance(v, (str, bool, tuple)) else type(v).__name__
                        for k, v in environ.items()}).encode()]


def pid(environ, start_response):
    start_response("200 OK", PLAIN)
    return [str(os.getpid()).encode()]


def read(environ, start_response):
    body = environ["wsgi.input"]
    calls = {
        "all": lambda: body.read(), "minus": lambda: body.read(-1), "none": lambda: body.read(None),
        "some": lambda: body.read(4) + b"|" + body.read(4) + b"|" + body.read(100) + b"|" + body.read(1),
        "line": lambda: body.readline() + b"|" + body.readline(2) + b"|" + body.readline(),
        "lines": lambda: b"|".join(body.readlines()), "hint": lambda: b"|".join(body.readlines(1)),
        "iterate": lambda: b"|".join(body), "badread": lambda: body.read(-2),
        "badline": lambda: body.readline(-2), "many": lambda: body.read(1, 2),
        "nothing": lambda: b"",
    }
    try:
        result = calls[environ["QUERY_STRING"]]()
    except Exception as e:
        result = ("%s: %s" % (type(e).__name__, e)).encode()
    start_response("200 OK", PLAIN)
    return [result]


def digest(environ, start_response):
    total, check = 0, hashlib.sha256()
    while True:
        part = environ["wsgi.input"].read(1 << 20)
        if not part:
            break
        total += len(part)
        check.update(part)
    start_response("200 OK", PLAIN)
    return [("%d %s" % (total, check.hexdigest())).encode()]


KEPT = {}


def keep(environ, start_response):
    KEPT["input"], KEPT["start"] = environ["wsgi.input"], start_response
    return hello(environ, start_response)


def outside():
    """What a thread of the application gets between two requests."""
    texts = []
    for call in (lambda: KEPT["input"].read(), lambda: KEPT["input"].readline(),
                 lambda: KEPT["start"]("200 OK", [])):
        try:
            call()
            texts.append("nothing")
        except Exception as e:
            texts.append("%s: %s" % (type(e).__name__, e))
    return texts


def later(environ, start_response):
    keep(environ, lambda *args: None)
    KEPT["texts"] = None
    target = KEPT["start"] = start_response

    def run():
        time.sleep(0.2)
        KEPT["start"] = target
        KEPT["texts"] = outside()
        sys.stderr.write("tried\n")
    threading.Thread(target=run).start()
    return hello(environ, start_response)


def texts(environ, start_response):
    start_response("200 OK", PLAIN)
    return ["\n".join(KEPT["texts"]).encode()]


def stream(environ, start_response):
    start_response("200 OK", PLAIN)
    for i in range(5):
        yield b"%d," % i
        yield b""


def big(environ, start_response):
    start_response("200 OK", [("Content-Length", str(3000000))])
    return [b"x" * 1000000] * 3


def endless(environ, start_response):
    start_response("200 OK", PLAIN)
    while True:
        yield b"x" * 65536


def writes(environ, start_response):
    write = start_response("200 OK", PLAIN)
    write(b"one,")
    write(b"two,")
    return [b"three"]


class Closing:
    closed = 0

    def __init__(self, parts):
        self.parts = iter(parts)

    def __iter__(self):
        return self.parts

    def close(self):
        Closing.closed += 1


def closing(environ, start_response):
    start_response("200 OK", PLAIN)
    return Closing([b"%d" % Closing.closed])


class Raising(Closing):
    def close(self):
        raise ValueError("in close")


def start(environ, start_response):
    """start_response() with the arguments that the query chooses."""
    cases = {
        "int": lambda: start_response(200, []),
        "nonumber": lambda: start_response("OK", []),
        "bytes": lambda: start_response(b"201 Created", [(b"X-A", b"b")]),
        "one": lambda: start_response("200 OK"),
        "four": lambda: start_response("200 OK", [], None, 1),
        "tuple": lambda: start_response("200 OK", (("X-A", "b"),)),
        "lists": lambda: start_response("200 OK", [["X-A", "b"]]),
        "three": lambda: start_response("200 OK", [("X-A", "b", "c")]),
        "name": lambda: start_response("200 OK", [("X-A", "b"), (1, "b")]),
        "value": lambda: start_response("200 OK", [("X-A", "b"), ("X-B", 1)]),
        "listvalue": lambda: start_response("200 OK", [("X-B", [])]),
        "wide": lambda: start_response("200 OK", [("X-B", "\u20ac")]),
        "split": lambda: start_response("200 OK", [("X-B", "a\r\nX-C: d")]),
        "again": lambda: (start_response("500 No", [("X-A", "b")]), start_response("202 Ok", [])),
        "huge": lambda: start_response("200 OK", [("X-B", "b" * 70000)]),
    }
    try:
        cases[environ["QUERY_STRING"]]()
    except Exception as e:
        start_response("400 Bad", PLAIN)
        return [("%s: %s" % (type(e).__name__, e)).encode()]
    return [b"fine"]


def again(environ, start_response):
    write = start_response("200 OK", PLAIN)
    write(b"sent,")
    texts = []
    try:
        start_response("500 No", [])
    except Exception as e:
        texts.append(repr(e))
    try:
        try:
            raise ValueError("original")
        except ValueError:
            start_response("500 No", [], sys.exc_info())
    except Exception as e:
        texts.append(repr(e))
    return [",".join(texts).encode()]


def wrong(environ, start_response):
    """Applications that break the rules."""
    kind = environ["QUERY_STRING"]
    if kind == "raise":
        raise ValueError("on purpose")
    if kind == "exit":
        sys.exit(3)
    if kind == "osexit":
        os._exit(4)
    if kind == "kill":
        os.kill(os.getpid(), 9)
    if kind == "nostart":
        return [b"x"]
    if kind == "nothing":
        return []
    if kind == "over":
        start_response("200 OK", [("Content-Length", "3")])
        return [b"12345"]
    start_response("200 OK", PLAIN)
    if kind == "none":
        return None
    if kind == "text":
        return ["text"]
    if kind == "badclose":
        return Raising([b"fine"])
    if kind == "iterate":
        def broken():
            raise ValueError("on purpose")
            yield b""
        return broken()
    if kind == "middle":
        def broken():
            yield b"begin"
            raise ValueError("on purpose")
        return broken()
    if kind == "empty":
        return []
    return [b"?"]


def length(environ, start_response):
    size = environ["QUERY_STRING"]
    start_response("200 OK", [("content-length", size)])
    return iter([b"abc", b"def", b"ghi"])


def sleep(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"]))
    return pid(environ, start_response)


MADE = {"parts": 0, "calls": 0}


def parts(environ, start_response):
    """Ends only when it is told to."""
    start_response("200 OK", PLAIN)
    while True:
        MADE["parts"] += 1
        yield b"x" * 1000
        time.sleep(0.001)


def partswrite(environ, start_response):
    write = start_response("200 OK", PLAIN)
    while True:
        write(b"x" * 1000)
        time.sleep(0.001)


def call(environ, start_response):
    MADE["calls"] += 1
    return hello(environ, start_response)


def made(environ, start_response):
    start_response("200 OK", PLAIN)
    return [("%(calls)d" % MADE).encode()]


def status(environ, start_response):
    start_response(environ["QUERY_STRING"].replace("+", " "), PLAIN)
    return [b"body"]


def many(environ, start_response):
    start_response("200 OK", [("X-%d" % i, "v") for i in range(int(environ["QUERY_STRING"]))])
    return [b"fine"]


def garbage(environ, start_response):
    """Writes to everything that it has inherited."""
    for fd in range(3, 100):
        try:
            os.set_blocking(fd, False)
            os.write(fd, b"\xff" * 200)
        except OSError:
            pass
    time.sleep(30)
    return hello(environ, start_response)


def forks(environ, start_response):
    """Two processes return from the request, at the place that the query names."""
    where = environ["QUERY_STRING"]
    if where == "call":
        os.fork()
    start_response("200 OK", PLAIN)
    if where == "list":
        os.fork()
        return [b"one"]

    def parts():
        yield b"one"
        if where == "parts":
            os.fork()
    return parts()


def become(environ, start_response):
    """Another program takes its place: now, or when it has answered."""
    def go():
        time.sleep(0.3)
        os.execv("/bin/sleep", ["sleep", "300"])
    if environ["QUERY_STRING"] == "now":
        go()
    threading.Thread(target=go).start()
    return hello(environ, start_response)


def steal(environ, start_response):
    """Takes the next request out of the queue that all workers share, and dies before anybody can know."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for fd in range(3, 64):
            try:
                queue = socket.socket(fileno=os.dup(fd))
                with queue:
                    if b"/victim" in queue.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                        queue.recv(65536)
                        os.kill(os.getpid(), signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.001)
    return hello(environ, start_response)


def half(environ, start_response):
    start_response("200 OK", PLAIN)
    yield b"half"
    time.sleep(float(environ["QUERY_STRING"]))
    yield b"full"


def prefixed(environ, start_response):
    start_response("200 OK", PLAIN)
    return [("%s|%s" % (environ.get("SCRIPT_NAME"), environ["PATH_INFO"])).encode()]


def application(env, start_response):
    return globals()[env["PATH_INFO"].strip("/")](env, start_response)


def factory():
    return application


def no_factory():
    return 5


def failing_factory():
    raise ValueError("on purpose")


async def asgi(scope, receive, send):
    pass


def asgi2(scope):
    pass


class Object:
    def __call__(self, env, start_response):
        return application(env, start_response)


instance = Object()
number = 5
