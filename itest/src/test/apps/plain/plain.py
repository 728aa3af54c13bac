# SPDX-License-Identifier: Apache-2.0
"""Pages of an application whose processes start at once: it imports no framework."""
import os
import time
from urllib.parse import parse_qs


def application(environ, start_response):
    page, _, argument = environ["PATH_INFO"].strip("/").partition("/")
    handler = {"": index, "pause": pause, "slow": slow, "hold": hold}.get(page)
    if handler is None:
        start_response("404 Not Found", [])
        return []
    kind, text = handler(environ, argument)
    body = text.encode()
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def index(environ, argument):
    return "application/json", '{"generation": "%s", "pid": %d, "ppid": %d}\n' % (
        os.environ.get("GENERATION", ""), os.getpid(), os.getppid())


def pause(environ, argument):
    """The same after some milliseconds, in which the process can be met at work."""
    time.sleep(int(argument) / 1000)
    return index(environ, argument)


def slow(environ, argument):
    time.sleep(int(argument) / 1000)
    return "text/plain", "slow\n"


def hold(environ, argument):
    """Says by a file that it has begun."""
    with open(parse_qs(environ["QUERY_STRING"])["begun"][0], "w"):
        time.sleep(int(argument) / 1000)
    return "text/plain", "held\n"
