# SPDX-License-Identifier: Apache-2.0
"""Tells which interpreter runs it, and how."""
import asyncio
import sys
import threading

try:
    from only_in_the_environment import NAME
except ImportError:
    NAME = "-"


def words(*more):
    return " ".join(("%d.%d.%d" % sys.version_info[:3], NAME, ",".join(sys.path[:2])) + more).encode()


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [words(str(threading.stack_size()))]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body",
                "body": words(type(asyncio.get_running_loop()).__module__.partition(".")[0])})


def raises():
    raise ValueError("nothing is made")


def none():
    return None


NUMBER = 5
