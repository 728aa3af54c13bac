# SPDX-License-Identifier: Apache-2.0
"""Starlette: plain, streamed and pushed answers, a form of its own, a lifespan."""
import asyncio

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

STARTED = []


async def hello(request):
    return PlainTextResponse("Hello from Starlette, %s" % STARTED)


async def echo(request):
    body = await request.body()

    async def parts():
        for at in range(0, len(body), 100000):
            yield body[at:at + 100000]
    return StreamingResponse(parts())


async def ticks(request):
    async def parts():
        for number in range(3):
            yield b"%d;" % number
            await asyncio.sleep(0.01)
    return StreamingResponse(parts())


async def socket(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text.upper())


application = Starlette(routes=[Route("/", hello), Route("/echo", echo, methods=["POST"]), Route("/ticks", ticks),
                                WebSocketRoute("/socket", socket)],
                        on_startup=[lambda: STARTED.append("started")])
