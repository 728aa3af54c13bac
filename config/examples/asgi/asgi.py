# SPDX-License-Identifier: Apache-2.0
"""The application of `./margay demo --language asgi`: greets, then shows what the server told it of the request; below
/clock it sends the time once a second until the client leaves."""
import asyncio
import time


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["path"] == "/clock":
        await clock(receive, send)
    else:
        await greet(scope, send)


async def lifespan(scope, receive, send):
    await receive()
    scope["state"]["since"] = time.strftime("%H:%M:%S")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def greet(scope, send):
    lines = ["Hello from Margay.", ""]
    for name in ("method", "path", "query_string", "client", "http_version", "state"):
        lines.append("%s: %s" % (name, scope[name]))
    body = ("\n".join(lines) + "\n").encode()
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def clock(receive, send):
    left = asyncio.ensure_future(gone(receive))
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/event-stream")]})
    while not left.done():
        line = time.strftime("data: %H:%M:%S\n\n").encode()
        try:
            await send({"type": "http.response.body", "body": line, "more_body": True})
        except OSError:
            break
        await asyncio.wait([left], timeout=1)
    left.cancel()


async def gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass
