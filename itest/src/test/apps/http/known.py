# SPDX-License-Identifier: Apache-2.0
"""The same application for servers of both interfaces."""


def wsgi(environ, start_response):
    body = environ["wsgi.input"].read()
    text = "%s %s %s %d" % (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], len(body))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    text = "%s %s %s %d" % (scope["method"], scope["path"], scope["query_string"].decode(), length)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})
