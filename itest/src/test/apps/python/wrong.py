# SPDX-License-Identifier: Apache-2.0
"""ASGI applications that break its rules; the path names the one."""

START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]}
END = {"type": "http.response.body", "body": b"the end"}

SENT = {
    "twice": [START, START],
    "other": [START, dict(START, status=404), END],
    "nostart": [END],
    "zero": [dict(START, status=0), END],
    "interim": [dict(START, status=103), END],
    "large": [dict(START, status=1000), END],
    "negative": [dict(START, status=-5), END],
    "value": [dict(START, headers=[(b"x-a", b"b\r\nx-evil: c")]), END],
    "name": [dict(START, headers=[(b"x-a\nx-evil", b"b")]), END],
    "return": [dict(START, headers=[(b"x-a", b"b\rx-evil: c")]), END],
    "colon": [dict(START, headers=[(b"x-a: b", b"c")]), END],
    "after": [START, END, END],
    "nothing": [],
    "text": [START, dict(END, body="text")],
    "bare": [{}],
    "number": [5],
}


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    for message in SENT.get(scope["path"][1:], [START, END]):
        await send(message)
