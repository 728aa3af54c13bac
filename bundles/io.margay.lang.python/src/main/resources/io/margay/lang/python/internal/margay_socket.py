# SPDX-License-Identifier: Apache-2.0
"""WebSockets of ASGI: what an application is given of frames, and sends."""

# A message in assembly of several frames, and messages that wait for the
# application.  For one frame the server's own limit holds.
MAX_WS_MESSAGE = 1048576
MAX_WS_UNREAD = 10485760
# Seconds that an application which does not receive has for what it still has to
# say when its client closes.
WS_LAST_WORDS = 2

_REFUSAL = {"websocket.http.response.start": "http.response.start",
            "websocket.http.response.body": "http.response.body"}
_OP_TEXT, _OP_BINARY, _OP_CLOSE = 1, 2, 8
_WS_HEADS = tuple(struct.Struct("!BB" + rest) for rest in ("", "H", "Q"))


def socket_scope(head, flags, prefix, state):
    """The scope of a request for a WebSocket."""
    scope = http_scope(head, flags, prefix, state)
    scope["type"] = "websocket"
    scope["scheme"] = "wss" if flags & FLAG_TLS else "ws"
    del scope["method"]
    protocols = []
    for name, value in scope["headers"]:
        if name == b"sec-websocket-protocol":
            protocols += [part.strip() for part in value.decode("latin-1").split(",")]
    scope["subprotocols"] = [part for part in protocols if part]
    # A refusal may be any response.
    scope["extensions"] = {"websocket.http.response": {}}
    return scope


def ws_frame(opcode, payload):
    """An unmasked frame that is a message."""
    size = len(payload)
    if size < 126:
        return _WS_HEADS[0].pack(0x80 | opcode, size) + payload
    if size < 65536:
        return _WS_HEADS[1].pack(0x80 | opcode, 126, size) + payload
    return _WS_HEADS[2].pack(0x80 | opcode, 127, size) + payload


def ws_unmask(frame):
    """First byte and payload of a masked frame, which the server has checked."""
    size = frame[1] & 127
    at = 8 if size == 126 else 14 if size == 127 else 6
    mask, data = frame[at - 4:at], frame[at:]
    size = len(data)
    key = int.from_bytes(mask * (size // 4) + mask[:size & 3], "big")
    return frame[0], (int.from_bytes(data, "big") ^ key).to_bytes(size, "big")


class SocketRequest(HttpRequest):
    """A request for a WebSocket while its application works on it."""

    __slots__ = ("told", "accepted", "closed", "code", "parts", "opcode", "size", "messages",
                 "unread", "pieces", "turn", "reply", "timer")

    def __init__(self, context, channel, stream):
        super().__init__(context, channel, stream, b"", 0, 0, 0, 0)
        # Whether the application has received the connect event, has accepted
        # and has closed; the code of the disconnect event once there is one.
        self.told = self.accepted = self.closed = False
        self.code = None
        # The frame on its way, the message on its way, messages to be received.
        self.pieces = []
        self.parts = []
        self.opcode = self.size = self.unread = 0
        self.messages = []
        self.turn = None
        # What answers the client's close frame, while the application is busy
        # with what came before that, and until when it may be.
        self.reply = self.timer = None

    # ---- what arrives -------------------------------------------------

    def on_frame(self, payload):
        """A piece of a frame; the first byte tells whether it is the last."""
        self.pieces.append(payload[1:])
        if not payload[0]:
            return
        first, data = ws_unmask(b"".join(self.pieces))
        self.pieces.clear()
        opcode = first & 15
        if self.closed or self.code is not None:
            return
        if opcode == _OP_CLOSE:
            self.code = int.from_bytes(data[:2], "big") if data else 1000
            self.reply = data[:2]
            self.timer = self.context.loop.call_later(WS_LAST_WORDS, self._last_words)
            if self.waiters and not self.messages:
                self._answer()
            self.wake()
        elif opcode < _OP_CLOSE:
            self._data(opcode, first & 0x80, data)

    def _data(self, opcode, last, data):
        if opcode:
            self.opcode = opcode
        self.size += len(data)
        large = self.size > MAX_WS_MESSAGE and (self.parts or not last)
        if large or self.unread and self.unread + self.size > MAX_WS_UNREAD:
            self.code = 1009
            self._end(b"\x03\xf1")
            return
        self.parts.append(data)
        if not last:
            return
        data = b"".join(self.parts)
        self.parts.clear()
        self.unread += self.size
        self.size = 0
        message = {"type": "websocket.receive"}
        if self.opcode == _OP_TEXT:
            try:
                message["text"] = data.decode()
            except UnicodeDecodeError:
                self.code = 1007
                self._end(b"\x03\xef")
                return
        else:
            message["bytes"] = data
        self.messages.append((len(data), message))
        self.wake()

    def _last_words(self):
        """The application does not receive what the client has said last."""
        self.timer = self.context.loop.call_later(WS_LAST_WORDS, self._last_words)
        self._answer()

    def _answer(self):
        """Answers the close frame of the client, unless the application is in
        the middle of a frame."""
        if self.timer is not None and (self.turn is None or not self.turn.locked()):
            self._end(self.reply)

    def _end(self, code):
        """Ends the connection with a close frame; the application is told."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
            code = self.reply
        if self.accepted and not self.finished and not self.gone:
            self.finished = True
            self.context.send(self, ws_frame(_OP_CLOSE, code), 1, PART_SHARED)
        self.wake()

    def on_gone(self):
        if self.code is None:
            self.code = 1001
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        super().on_gone()

    # ---- receive ------------------------------------------------------

    async def receive(self):
        if not self.told:
            self.told = True
            return {"type": "websocket.connect"}
        if self.closed:
            raise RuntimeError("receive() called for closed WebSocket")
        while True:
            if self.messages:
                size, message = self.messages.pop(0)
                self.unread -= size
                return message
            if self.code is not None:
                self.closed = True
                self._answer()
                return {"type": "websocket.disconnect", "code": self.code}
            self.context.note(self)
            waiter = self.context.loop.create_future()
            self.waiters.append(waiter)
            try:
                await waiter
            finally:
                self.waiters.remove(waiter)

    # ---- send ---------------------------------------------------------

    async def send(self, message):
        kind = message["type"]
        if kind == "websocket.send":
            await self._message(message)
        elif kind == "websocket.accept":
            self._accept(message)
        elif kind == "websocket.close":
            self._close(message)
        elif kind in _REFUSAL:
            await self._refuse(message, _REFUSAL[kind])
        else:
            raise RuntimeError("Unexpected ASGI message '%s'" % kind)

    async def _refuse(self, message, kind):
        """A part of a response instead of a WebSocket."""
        if self.accepted or self.closed:
            raise RuntimeError("WebSocket already %s" % ("accepted" if self.accepted else "closed"))
        if not self.told:
            raise RuntimeError("WebSocket connect not received")
        await super().send(dict(message, type=kind))
        if self.finished:
            self.closed = True

    def _accept(self, message):
        if self.head is not None:
            raise RuntimeError("response already sent")
        if not self.told:
            raise RuntimeError("WebSocket connect not received")
        if self.accepted:
            raise RuntimeError("WebSocket already accepted")
        if self.closed:
            raise RuntimeError("WebSocket already closed")
        lines = [b"101\r\n"]
        protocol = message.get("subprotocol")
        if protocol is not None:
            if not isinstance(protocol, str):
                raise TypeError("'subprotocol' is not a unicode string")
            lines.append(asgi_line((b"Sec-WebSocket-Protocol", protocol.encode("latin-1")), 0)[0])
        for item in message.get("headers") or ():
            lines.append(asgi_line(item, len(lines) - 1)[0])
        lines.append(b"\r\n")
        self.accepted = True
        if not self.gone:
            self.sent = True
            self.context.send(self, b"".join(lines), 0, PART_SHARED)

    def _close(self, message):
        if self.closed or self.finished:
            raise RuntimeError("WebSocket already closed")
        if self.head is not None:
            raise RuntimeError("response already sent")
        code = message.get("code", 1000)
        if not isinstance(code, int):
            raise TypeError("'code' is not integer")
        reason = (message.get("reason") or "").encode()[:123]
        self.closed = True
        if self.gone:
            return
        if self.accepted:
            self._end((code & 0xffff).to_bytes(2, "big") + reason)
        else:
            self._deny(b"403")

    def _deny(self, status):
        self.finished = True
        self.context.send(self, status + b"\r\nContent-Length: 0\r\n\r\n", 1, PART_SHARED)

    async def _message(self, message):
        if not self.accepted:
            raise RuntimeError("WebSocket not accepted yet")
        if self.closed:
            raise RuntimeError("WebSocket already closed")
        data, text = message.get("bytes"), message.get("text")
        if (data is None) == (text is None):
            raise RuntimeError("Exactly one of 'bytes' or 'text' must be non-None")
        if text is not None:
            if not isinstance(text, str):
                raise TypeError("'text' is not a unicode string")
            frame = ws_frame(_OP_TEXT, text.encode())
        elif isinstance(data, (bytes, bytearray)):
            frame = ws_frame(_OP_BINARY, bytes(data))
        else:
            raise TypeError("'bytes' is not a byte string")
        if self.finished or self.gone:
            raise RuntimeError("WebSocket disconnected")
        # Frames must not mix, and a large one is sent in several parts.
        if self.turn is None:
            self.turn = asyncio.Lock()
        async with self.turn:
            if self.finished or self.gone:
                raise RuntimeError("WebSocket disconnected")
            await self._stream(frame, False)

    # ---- end ----------------------------------------------------------

    def complete(self):
        self._over(b"\x03\xe8", b"403")

    def fail(self):
        self._over(b"\x03\xf3", b"")

    def _over(self, code, status):
        if self.finished or self.gone:
            return
        if self.accepted:
            self.closed = True
            self._end(code)
        elif self.head is not None:
            # A refusal without its end.
            super().complete() if status else super().fail()
        elif status:
            self._deny(status)
        else:
            super().fail()
