# SPDX-License-Identifier: Apache-2.0
"""WebSockets; the path says what happens."""
import asyncio
import os


async def do_echo(scope, receive, send):
    protocols = scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": protocols[-1] if protocols else None,
                "headers": [(b"X-Pid", b"%d" % os.getpid())]})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            print("disconnected with", message["code"], flush=True)
            return
        message["type"] = "websocket.send"
        await send(message)


async def do_deny(scope, receive, send):
    await send({"type": "websocket.close"})


async def do_refuse(scope, receive, send):
    assert "websocket.http.response" in scope["extensions"]
    errors = []
    await send({"type": "websocket.http.response.start", "status": 418,
                "headers": [(b"content-type", b"text/plain"), (b"x-why", b"teapot")]})
    for message in ({"type": "websocket.accept"}, {"type": "websocket.close"},
                    {"type": "websocket.http.response.start", "status": 200}):
        try:
            await send(message)
        except RuntimeError as e:
            errors.append(str(e))
    await send({"type": "websocket.http.response.body", "body": b"x" * 100000, "more_body": True})
    await send({"type": "websocket.http.response.body", "body": "\n".join(errors).encode()})


async def do_returns(scope, receive, send):
    await send({"type": "websocket.accept"})


async def do_raises(scope, receive, send):
    await send({"type": "websocket.accept"})
    raise ValueError("raised in a WebSocket")


async def do_closes(scope, receive, send):
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "bye"})
    await send({"type": "websocket.close", "code": 3333})


async def do_floods(scope, receive, send):
    await send({"type": "websocket.accept"})
    for number in range(64):
        await send({"type": "websocket.send", "bytes": bytes([number]) * 1048576})
    await send({"type": "websocket.close"})


async def do_deaf(scope, receive, send):
    await send({"type": "websocket.accept"})
    await asyncio.sleep(3600)


async def do_wrong(scope, receive, send):
    errors = []
    for message in ({"type": "websocket.send", "text": "early"}, {"type": "websocket.accept"},
                    {"type": "websocket.accept"}, {"type": "websocket.send"},
                    {"type": "websocket.send", "text": b"x"}, {"type": "websocket.send", "bytes": "x"},
                    {"type": "websocket.send", "text": "x", "bytes": b"x"}, {"type": "nonsense"},
                    {"type": "websocket.close", "code": "x"}):
        try:
            await send(message)
        except Exception as e:
            errors.append("%s: %s" % (type(e).__name__, e))
    await send({"type": "websocket.send", "text": "\n".join(errors)})
    await send({"type": "websocket.close"})


async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"plain"})
    elif scope["type"] == "websocket":
        assert (await receive())["type"] == "websocket.connect"
        assert scope["scheme"] == "ws"
        await globals()["do_" + scope["path"][1:]](scope, receive, send)
