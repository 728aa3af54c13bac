# SPDX-License-Identifier: Apache-2.0
"""Answers questions about its own scope, messages and loop; each path is one question."""
import asyncio
import hashlib
import json
import os
import sys
import threading

SEEN = []
RUNNING = 0
MOST = 0


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
        return
    handler = globals().get("do_" + scope["path"].rpartition("/")[2], missing)
    await handler(scope, receive, send)


async def lifespan(scope, receive, send):
    assert await receive() == {"type": "lifespan.startup"}
    scope["state"]["started"] = os.getpid()
    await send({"type": "lifespan.startup.complete"})
    assert await receive() == {"type": "lifespan.shutdown"}
    sys.stderr.write("the application has shut down\n")
    sys.stderr.flush()
    await send({"type": "lifespan.shutdown.complete"})


async def answer(send, value, status=200, headers=()):
    body = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-length", b"%d" % len(body)), *headers]})
    await send({"type": "http.response.body", "body": body})


async def missing(scope, receive, send):
    await answer(send, b"no such question\n", 404)


def plain(value):
    """Bytes become text with a mark, tuples lists with one."""
    if isinstance(value, bytes):
        return "b:" + value.decode("latin-1")
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    if isinstance(value, list):
        return ["list"] + [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


async def do_scope(scope, receive, send):
    await answer(send, plain(scope))


async def do_loop(scope, receive, send):
    await answer(send, {"loop": type(asyncio.get_running_loop()).__module__, "pid": os.getpid(),
                        "thread": threading.get_ident(), "argv": sys.argv})


async def do_messages(scope, receive, send):
    messages = []
    while True:
        message = await receive()
        messages.append({k: len(v) if k == "body" else v for k, v in message.items()})
        if not message.get("more_body"):
            break
    await answer(send, messages)


async def do_digest(scope, receive, send):
    digest, size = hashlib.sha256(), 0
    while True:
        message = await receive()
        digest.update(message.get("body", b""))
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await answer(send, b"%d %s" % (size, digest.hexdigest().encode()))


async def do_echo(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})


async def do_bytes(scope, receive, send):
    """As many bytes as the query says, in parts of as many as it says behind a comma."""
    size, part = map(int, scope["query_string"].split(b","))
    await send({"type": "http.response.start", "status": 200, "headers": [[b"x-list", b"yes"]]})
    pattern = bytes(i % 251 for i in range(251 * 256))
    pattern *= part // len(pattern) + 1
    at = 0
    while at < size:
        count = min(part, size - at)
        offset = at % 251
        await send({"type": "http.response.body", "body": (pattern + pattern[:251])[offset:offset + count],
                    "more_body": at + count < size})
        at += count


async def do_slow(scope, receive, send):
    global RUNNING, MOST
    RUNNING += 1
    MOST = max(MOST, RUNNING)
    await asyncio.sleep(int(scope["query_string"]) / 1000)
    RUNNING -= 1
    await answer(send, b"%d" % os.getpid())


async def do_most(scope, receive, send):
    await answer(send, {"most": MOST})


async def do_events(scope, receive, send):
    """Endless, until the client leaves."""
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/event-stream")]})
    await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            SEEN.append("disconnect")
            return


async def do_flood(scope, receive, send):
    """Endless, ended by the error that tells of the client's leave."""
    await send({"type": "http.response.start", "status": 200})
    try:
        while True:
            await send({"type": "http.response.body", "body": b"x" * 30000, "more_body": True})
    except OSError as e:
        SEEN.append("flood ended by " + type(e).__name__)


async def do_waits(scope, receive, send):
    """Waits for the client's leave without having sent anything."""
    while (await receive())["type"] != "http.disconnect":
        pass
    SEEN.append("left before the head")


async def do_after(scope, receive, send):
    await receive()
    await answer(send, b"done")
    SEEN.append("after the end: " + (await receive())["type"])


async def do_seen(scope, receive, send):
    await answer(send, SEEN)


async def do_raise(scope, receive, send):
    raise ValueError("raised before the head")


async def do_raiselate(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"some bytes", "more_body": True})
    raise ValueError("raised after the head")


async def do_silent(scope, receive, send):
    pass


async def do_headonly(scope, receive, send):
    await send({"type": "http.response.start", "status": 203})


async def do_open(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"not said to be the end", "more_body": True})


async def do_exit(scope, receive, send):
    sys.exit(3)


START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body"}
WRONG = {
    "status": [dict(START, status="200")],
    "headers": [dict(START, headers=5)],
    "item": [dict(START, headers=[(b"a", b"b"), 7])],
    "name": [dict(START, headers=[("a", b"b")])],
    "value": [dict(START, headers=[(b"a", "b")])],
    "split": [dict(START, headers=[(b"a", b"b\r\nevil: yes")])],
    "length": [dict(START, headers=[(b"Content-Length", b"5x")])],
    "body": [START, dict(BODY, body="text")],
    "more": [START, dict(BODY, more_body=1)],
    "long": [dict(START, headers=[(b"content-length", b"3")]), dict(BODY, body=b"four")],
    "twice": [START, START],
    "order": [BODY],
    "kind": [{"type": "http.nonsense"}],
    "after": [START, BODY, BODY],
    "pathorder": [{"type": "http.response.pathsend", "path": __file__}],
    "pathafter": [START, BODY, {"type": "http.response.pathsend", "path": __file__}],
    "pathlate": [START, dict(BODY, body=b"a", more_body=True),
                 {"type": "http.response.pathsend", "path": __file__}],
    "pathtype": [START, {"type": "http.response.pathsend", "path": 5}],
}


async def do_wrong(scope, receive, send):
    """Sends what must not be sent; the text of the error is the answer, if there may be one."""
    text = "nothing was raised"
    try:
        for message in WRONG[scope["query_string"].decode()]:
            await send(message)
    except Exception as e:
        text = "%s: %s" % (type(e).__name__, e)
    SEEN.append(text)
    if scope["query_string"] == b"long":
        await send(dict(BODY, body=b"yes"))
    elif not text.startswith("RuntimeError") or "order" in scope["query_string"].decode():
        await answer(send, text.encode())


async def do_together(scope, receive, send):
    await send(START)
    results = await asyncio.gather(*[send({"type": "http.response.body", "body": b"x" * 3000000,
                                           "more_body": True}) for _ in range(2)],
                                   return_exceptions=True)
    SEEN.append("together: " + ", ".join(str(r) for r in results))
    await send({"type": "http.response.body"})


async def do_file(scope, receive, send):
    """Sends the file whose path is the query, as frameworks do when they may."""
    assert "http.response.pathsend" in scope["extensions"]
    path = scope["query_string"].decode()
    headers = [(b"content-length", b"%d" % os.path.getsize(path))] if os.path.isfile(path) else []
    try:
        await send(dict(START, headers=headers))
        await send({"type": "http.response.pathsend", "path": path})
    except (OSError, ValueError) as e:
        SEEN.append("file: %s: %s" % (type(e).__name__, e))
        raise


# ---- other applications -----------------------------------------------------


def legacy(scope):
    async def run(receive, send):
        if scope["type"] != "http":
            raise ValueError("no lifespan here")
        await answer(send, b"legacy " + scope["path"].encode())
    return run


class Legacy:
    """The form of the first frameworks: an object per request."""

    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        assert self.scope["type"] == "http", "no lifespan here"
        await answer(send, b"object " + self.scope["path"].encode())


def make():
    return application


def returns(scope, receive, send):
    return 5


async def failing(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})
    else:
        await answer(send, b"never")


async def wrongorder(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await answer(send, b"served")


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [repr(sorted(environ)).encode()]
