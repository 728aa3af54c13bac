# SPDX-License-Identifier: Apache-2.0
"""The questions that the test of all languages asks, in the asynchronous way; what has none is the other module's."""
import asyncio
import hashlib
import os
import sys

import app

TEXT = (b"content-type", b"text/plain")


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    argument = int(scope["query_string"] or 0)
    await globals()["do_" + scope["path"][1:]](receive, send, argument)


async def begin(send, status=200, fields=(TEXT,)):
    await send({"type": "http.response.start", "status": status, "headers": fields})


async def part(send, body, more=False):
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def text(send, content, status=200, fields=()):
    await begin(send, status, [TEXT, (b"content-length", b"%d" % len(content)), *fields])
    await part(send, content.encode())


async def do_hello(receive, send, argument):
    await text(send, "Hello world\n")


async def do_digest(receive, send, argument):
    digest, size, more = hashlib.sha256(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        digest.update(message.get("body", b""))
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await text(send, "%d %s" % (size, digest.hexdigest()))


async def do_bytes(receive, send, argument):
    await begin(send)
    for at in range(0, argument, len(app.PATTERN)):
        await part(send, app.PATTERN[:argument - at], True)
    await part(send, b"")


async def do_sized(receive, send, argument):
    await begin(send, fields=[TEXT, (b"content-length", b"%d" % argument)])
    await part(send, (app.PATTERN * (argument // len(app.PATTERN) + 1))[:argument])


async def do_pid(receive, send, argument):
    await text(send, str(os.getpid()))


async def do_sleep(receive, send, argument):
    await asyncio.sleep(argument / 1000)
    await text(send, str(os.getpid()))


async def do_raise(receive, send, argument):
    raise ValueError("raised by the application")


async def do_half(receive, send, argument):
    await begin(send)
    await part(send, b"some bytes", True)
    raise ValueError("raised after the head")


async def do_exit(receive, send, argument):
    sys.stderr.write("last words\n")
    sys.exit(argument)


async def do_killed(receive, send, argument):
    app.die()


async def do_killedreading(receive, send, argument):
    await receive()
    app.die()


async def do_killedsending(receive, send, argument):
    await begin(send)
    await part(send, b"some bytes", True)
    app.die()


async def do_status(receive, send, argument):
    await text(send, "" if argument == 204 else "body", argument)


async def do_split(receive, send, argument):
    await text(send, "body", fields=[(b"x-split", b"a\r\nX-Evil: b")])


async def do_splitname(receive, send, argument):
    await text(send, "body", fields=[(b"x-split: a\r\nx-evil", b"b")])


async def do_field(receive, send, argument):
    await text(send, "body", fields=[(b"x-long", b"x" * argument)])


async def do_nothing(receive, send, argument):
    pass


async def ask(question, send):
    body = b"".join(question({}, lambda status, fields: None, 0))
    await text(send, body.decode())


async def do_fork(receive, send, argument):
    await ask(app.do_fork, send)


async def do_forkreturns(receive, send, argument):
    await ask(app.do_forkreturns, send)


async def do_woken(receive, send, argument):
    await ask(app.do_woken, send)


async def do_closed(receive, send, argument):
    await ask(app.do_closed, send)


async def do_become(receive, send, argument):
    app.do_become({}, None, argument)


async def do_garbage(receive, send, argument):
    await ask(app.do_garbage, send)
