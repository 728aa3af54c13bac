# SPDX-License-Identifier: Apache-2.0
"""Early hints and trailers of ASGI."""


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(scope["type"])
    path = scope["path"]
    known = sorted(name for name in scope["extensions"] if name != "http.response.pathsend")
    text = " ".join(known).encode()
    if path == "/late":
        await send({"type": "http.response.start", "status": 200})
        await hint(send)
    elif "http.response.early_hint" in known:
        await hint(send, b"</a>\r\nX-Evil: b" if path == "/split" else b"</style.css>; rel=preload")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/plain")],
                "trailers": path == "/trailers"})
    await send({"type": "http.response.body", "body": text[:4], "more_body": True})
    await send({"type": "http.response.body", "body": text[4:]})
    if path == "/trailers":
        await send({"type": "http.response.trailers", "headers": [(b"X-Sum", b"1")], "more_trailers": True})
        await send({"type": "http.response.trailers", "headers": [(b"x-more", b"2"), (b"Content-Length", b"9")]})


async def hint(send, link=b"</style.css>; rel=preload"):
    await send({"type": "http.response.early_hint", "links": [link, b"</more>; rel=preload"]})
