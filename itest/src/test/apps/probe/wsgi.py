# SPDX-License-Identifier: Apache-2.0
"""Answers questions about its own environ, process and input; each path is one question."""
import json
import os
import socket
import sys
import time


def application(environ, start_response):
    handler = globals().get("do_" + environ["PATH_INFO"].strip("/").replace("/", "_"))
    if handler is None:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"no such question\n"]
    return handler(environ, start_response)


def _json(start_response, value, status="200 OK"):
    body = json.dumps(value, sort_keys=True).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def do_environ(environ, start_response):
    return _json(start_response, {k: v for k, v in environ.items() if isinstance(v, str)})


def do_process(environ, start_response):
    with open("/proc/self/status") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    return _json(start_response, {
        "pid": os.getpid(), "uid": os.getuid(), "gid": os.getgid(), "groups": sorted(os.getgroups()),
        "cwd": os.getcwd(), "env": dict(os.environ), "argv": sys.argv, "title": fields["Name"],
        "no_new_privs": fields["NoNewPrivs"], "threads": fields["Threads"],
        "fds": sorted(int(n) for n in os.listdir("/proc/self/fd")),
        "namespaces": {n: os.readlink("/proc/self/ns/" + n) for n in os.listdir("/proc/self/ns")},
    })


def do_isolation(environ, start_response):
    """What only an application in namespaces or a root of its own sees."""
    def table(path):
        with open(path) as file:
            return "\n".join(" ".join(line.split()) for line in file)

    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return _json(start_response, {
        "namespaces": {n: os.readlink("/proc/self/ns/" + n) for n in os.listdir("/proc/self/ns")},
        "uid_map": table("/proc/self/uid_map"),
        "gid_map": table("/proc/self/gid_map"),
        "ppid": os.getppid(),
        "uid": os.getuid(),
        "interfaces": [name for _, name in socket.if_nameindex()],
        "root": os.listdir("/"),
        "no_new_privs": int(fields["NoNewPrivs"]),
    })


def do_input(environ, start_response):
    stream = environ["wsgi.input"]
    answer = [stream.read(5).decode("latin-1"), stream.readline().decode("latin-1"),
              stream.readline(3).decode("latin-1")]
    answer += [line.decode("latin-1") for line in stream]
    answer.append(stream.read().decode("latin-1"))
    return _json(start_response, answer)


def do_stream(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"first;")

    def rest():
        yield b"second;"
        yield b""
        yield b"third;"
    return rest()


def do_raise(environ, start_response):
    raise ValueError("raised before the head")


def do_raise_late(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"some bytes"
    raise ValueError("raised after the head")



def do_exit(environ, start_response):
    sys.exit(3)


def do_sleep(environ, start_response):
    time.sleep(float(environ.get("QUERY_STRING") or "1"))
    return _json(start_response, os.getpid())
