# SPDX-License-Identifier: Apache-2.0
"""An application under the validator of the standard library; each path uses another part of WSGI."""
import warnings
from wsgiref.validate import validator

warnings.simplefilter("error")


def plain(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"plain"]


def empty(environ, start_response):
    start_response("204 No Content", [])
    return []


def read(environ, start_response):
    data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(data)).encode()]


def pieces(environ, start_response):
    total = 0
    while True:
        data = environ["wsgi.input"].read(1000)
        if not data:
            break
        total += len(data)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(total).encode()]


def lines(environ, start_response):
    count = sum(1 for _ in environ["wsgi.input"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(count).encode()]


def readline(environ, start_response):
    first = environ["wsgi.input"].readline()
    rest = environ["wsgi.input"].readlines(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [first, b"".join(rest)]


def write(environ, start_response):
    send = start_response("200 OK", [("Content-Type", "text/plain")])
    send(b"written ")
    return [b"returned"]


def generator(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    for number in range(100):
        yield b"%d " % number


def errors(environ, start_response):
    environ["wsgi.errors"].write("said by the application\n")
    environ["wsgi.errors"].flush()
    environ["wsgi.errors"].writelines(["and more\n"])
    return plain(environ, start_response)


def application(environ, start_response):
    return globals()[environ["PATH_INFO"][1:]](environ, start_response)


application = validator(application)
