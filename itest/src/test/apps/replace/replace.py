# SPDX-License-Identifier: Apache-2.0
"""Answers that take their time, bodies that come back, and WebSockets that do, for a router that is replaced."""
import asyncio

PARTS = 60


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            await send({"type": "websocket.send", "text": message.get("text")})
    elif scope["type"] == "http":
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        stream = scope["path"] == "/stream"
        await send({"type": "http.response.start", "status": 200,
                    "headers": [] if stream else [(b"content-length", b"%d" % len(body))]})
        for part in range(PARTS if stream else 0):
            await send({"type": "http.response.body", "body": b"part %02d\n" % part, "more_body": True})
            await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"" if stream else body})
