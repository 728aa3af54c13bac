# SPDX-License-Identifier: Apache-2.0
"""The questions that the test of all languages asks; each path is one."""
import hashlib
import os
import signal
import socket
import sys
import time

PATTERN = bytes(i % 251 for i in range(251 * 256))


def application(environ, start_response):
    argument = int(environ["QUERY_STRING"] or 0)
    return globals()["do_" + environ["PATH_INFO"][1:]](environ, start_response, argument)


def text(start_response, content, status="200 OK", fields=()):
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(content)))] + list(fields))
    return [content.encode()]


def do_hello(environ, start_response, argument):
    return text(start_response, "Hello world\n")


def do_digest(environ, start_response, argument):
    digest, size = hashlib.sha256(), 0
    while True:
        part = environ["wsgi.input"].read(65536)
        if not part:
            return text(start_response, "%d %s" % (size, digest.hexdigest()))
        digest.update(part)
        size += len(part)


def do_bytes(environ, start_response, argument):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return (PATTERN[:argument - at] for at in range(0, argument, len(PATTERN)))


def do_sized(environ, start_response, argument):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(argument))])
    return [(PATTERN * (argument // len(PATTERN) + 1))[:argument]]


def do_pid(environ, start_response, argument):
    return text(start_response, str(os.getpid()))


def do_software(environ, start_response, argument):
    return text(start_response, environ["SERVER_SOFTWARE"])


def do_sleep(environ, start_response, argument):
    time.sleep(argument / 1000)
    return text(start_response, str(os.getpid()))


def do_raise(environ, start_response, argument):
    raise ValueError("raised by the application")


def do_half(environ, start_response, argument):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"some bytes"
    raise ValueError("raised after the head")


def last_words():
    sys.stderr.write("last words\n")
    sys.stderr.flush()


def do_exit(environ, start_response, argument):
    last_words()
    sys.exit(argument)


def die():
    last_words()
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def do_killed(environ, start_response, argument):
    die()


def do_killedreading(environ, start_response, argument):
    environ["wsgi.input"].read(10)
    die()


def do_killedsending(environ, start_response, argument):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"some bytes"
    die()


def do_status(environ, start_response, argument):
    return text(start_response, "body", "%d Text" % argument)


def do_split(environ, start_response, argument):
    return text(start_response, "body", fields=[("X-Split", "a\r\nX-Evil: b")])


def do_splitname(environ, start_response, argument):
    return text(start_response, "body", fields=[("X-Split: a\nX-Evil", "b")])


def do_field(environ, start_response, argument):
    return text(start_response, "body", fields=[("X-Long", "x" * argument)])


def do_nothing(environ, start_response, argument):
    return None


def do_fork(environ, start_response, argument):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return text(start_response, str(os.getpid()))


def do_forkreturns(environ, start_response, argument):
    pid = str(os.getpid())
    os.fork()
    return text(start_response, pid)


def do_woken(environ, start_response, argument):
    pid = os.fork()
    if pid == 0:
        for _ in range(3000):
            os.kill(os.getppid(), 35)
            time.sleep(0.0001)
        os._exit(0)
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        ["x" * size for size in range(200)]
    return text(start_response, str(os.getpid()))


def do_closed(environ, start_response, argument):
    os.closerange(3, 256)
    return text(start_response, "Hello world\n")


def do_become(environ, start_response, argument):
    os.execv("/bin/sleep", ["sleep", "300"])


def do_garbage(environ, start_response, argument):
    for fd in range(3, 64):
        try:
            sock = socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
        try:
            sock.send(b"garbage", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            pass
    return text(start_response, "Hello world\n")
