# SPDX-License-Identifier: Apache-2.0
"""What an ASGI application receives of a request and what it may answer."""

# Flags of a response part: the context serves many requests by one socket, so
# a slow client must not stop it; and the router is to say when the client has
# taken what was sent so far.
PART_SHARED = 1
PART_ASKS = 2
# The part holds lines of fields that stand behind the body.
PART_TRAILERS = 4
# A question goes with every so many bytes, and a response waits while so many
# are not answered.
ASK_EVERY = 65536
MAX_ASKED = 2
BODY_CHUNK = 262144


class HttpRequest:
    """One request while its application works on it."""

    __slots__ = ("context", "stream", "channel", "lines", "body", "file", "left", "fetching",
                 "head", "sent", "finished", "gone", "noted", "sending", "remaining",
                 "unasked", "asked", "waiters", "room", "task", "trailers")

    def __init__(self, context, channel, stream, data, start, inline, left, by_file):
        self.context = context
        self.channel = channel
        self.stream = stream
        self.lines = context.lines
        self.body = data[start:start + inline] if inline else b""
        self.file = None
        self.left = left
        self.fetching = by_file
        self.head = None
        self.sent = self.finished = self.gone = self.noted = self.sending = False
        self.remaining = -1
        self.unasked = 0
        self.asked = 0
        self.waiters = []
        self.room = None
        self.task = None
        # Lines that are to stand behind the body, if the application has
        # said that there are such.
        self.trailers = None

    # ---- what arrives -------------------------------------------------

    def on_body(self, fds):
        """The file of the request's body, or that there is none."""
        if len(fds) == 1 and self.left and self.file is None:
            # The offset is shared with the server, which wrote the file.
            os.lseek(fds[0], 0, os.SEEK_SET)
            self.file = open(fds.pop(), "rb", 0)
        close_all(fds)
        self.wake()

    def on_frame(self, payload):
        """Nobody sends frames to a request that is none for a WebSocket."""

    def on_gone(self):
        """The client has left, or the router does not want the answer."""
        self.gone = True
        self.wake()
        self.on_room()

    def on_room(self):
        """The client has taken what was asked about."""
        self.asked -= 1
        room = self.room
        if room is not None:
            self.room = None
            if not room.done():
                room.set_result(None)

    def wake(self):
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)

    def close(self):
        if self.file is not None:
            self.file.close()
            self.file = None
        self.left = 0
        self.body = b""

    # ---- receive ------------------------------------------------------

    async def receive(self):
        while True:
            if self.left is not None and not self.gone and not self.finished:
                if not self.left:
                    self.left = None
                    return {"type": "http.request"}
                chunk = self._chunk()
                if chunk:
                    return chunk
            if self.gone or self.finished:
                return {"type": "http.disconnect"}
            # From here on the router tells when the client leaves.
            self.context.note(self)
            waiter = self.context.loop.create_future()
            self.waiters.append(waiter)
            try:
                await waiter
            finally:
                self.waiters.remove(waiter)

    def _chunk(self):
        """The next piece of the body; none when it is still on its way."""
        if self.fetching:
            if self.file is None:
                if self.fetching == 1:
                    self.fetching = 2
                    self.context.fetch(self)
                return None
            chunk = self.file.read(min(self.left, BODY_CHUNK))
            if not chunk:
                raise OSError(errno.EIO, "the request body ends early")
        else:
            chunk, self.body = self.body, b""
        self.left -= len(chunk)
        message = {"type": "http.request", "body": chunk}
        if self.left > 0:
            message["more_body"] = True
        else:
            self.close()
            self.left = None
        return message

    # ---- send ---------------------------------------------------------

    async def send(self, message):
        kind = message["type"]
        if kind == "http.response.body":
            if self.sending:
                raise RuntimeError("Concurrent send")
            data, last = self._body(message)
            if self.gone:
                raise ConnectionAbortedError(errno.ECONNABORTED, "the client has left")
            if last and len(data) <= BODY_ROOM:
                self.finished = True
                wait = self.context.send(self, data, 1, PART_SHARED)
                self.wake()
                if wait is not None:
                    await wait
                return
            self.sending = True
            try:
                await self._stream(data, last)
            except BaseException:
                # A part of it may be with the client, and nothing fits behind.
                self.fail()
                raise
            finally:
                self.sending = False
        elif kind == "http.response.start":
            self._start(message)
        elif kind == "http.response.early_hint" and self.head is None and not self.finished:
            await self._hint(message.get("links", ()))
        elif kind == "http.response.trailers" and self.trailers and not self.finished:
            await self._trailers(message)
        elif kind == "http.response.pathsend" and self.head is not None and not self.finished:
            await self._path(message.get("path"))
        elif self.finished:
            raise RuntimeError("Unexpected ASGI message '%s' sent, after response already completed"
                               % kind)
        else:
            raise RuntimeError("Expected ASGI message '%s', but got '%s'" % (
                "http.response.start" if self.head is None else "http.response.trailers"
                if self.trailers else "http.response.body", kind))

    async def _hint(self, links):
        """Tells the client what the response will need, before there is one."""
        lines = [b"103\r\n"]
        for index, link in enumerate(links):
            lines.append(asgi_line((b"Link", link), index)[0])
        lines.append(b"\r\n")
        data = b"".join(lines)
        if len(data) > BODY_ROOM:
            raise ValueError("'links' has more than %d bytes" % BODY_ROOM)
        if self.gone:
            raise ConnectionAbortedError(errno.ECONNABORTED, "the client has left")
        wait = self.context.send(self, data, 0, PART_SHARED)
        if wait is not None:
            await wait

    async def _trailers(self, message):
        """Fields behind the body; the first item stands for that itself."""
        for index, item in enumerate(message.get("headers", ())):
            self.trailers.append(asgi_line(item, index)[0])
        if message.get("more_trailers", False):
            return
        data = b"".join(self.trailers[1:])
        if len(data) > BODY_ROOM:
            raise ValueError("'headers' has more than %d bytes" % BODY_ROOM)
        if self.gone:
            raise ConnectionAbortedError(errno.ECONNABORTED, "the client has left")
        self.finished = True
        wait = self.context.send(self, data, 1, PART_SHARED | PART_TRAILERS)
        self.wake()
        if wait is not None:
            await wait

    def _start(self, message):
        if self.finished:
            raise RuntimeError("Unexpected ASGI message 'http.response.start' sent, "
                               "after response already completed")
        if self.head is not None:
            raise RuntimeError("Expected ASGI message 'http.response.body', "
                               "but got 'http.response.start'")
        status = message.get("status")
        if not isinstance(status, int):
            raise TypeError("'status' is not an integer")
        try:
            items = tuple(message.get("headers", ()))
        except TypeError:
            raise TypeError("'headers' is not an iterable") from None
        heads = self.context.heads
        try:
            found = heads.get((status, items))
        except TypeError:
            # Not hashable, thus no tuples of bytes alone.
            found = None
        if found is None:
            found = self._head(status, items)
            if len(found[0]) <= MAX_HEAD and all([type(item) is tuple and type(item[0]) is bytes
                                                  and type(item[1]) is bytes for item in items]):
                if len(heads) >= MAX_HEADS:
                    heads.clear()
                heads[status, items] = found
        self.head, self.remaining = found
        if message.get("trailers", False):
            self.trailers = []

    def _head(self, status, items):
        """The bytes of status and header fields, and the length that they declare."""
        # The wire has three digits; what is beyond is sent as 500.
        lines = [b"%03d\r\n" % (status if 0 <= status <= 999 else 500)]
        remaining = -1
        for item in items:
            try:
                line = self.lines.get(item)
            except TypeError:
                line = None
            if line is None:
                line, is_length = asgi_line(item, len(lines) - 1)
                if is_length:
                    remaining = asgi_length(line)
                elif type(item) is tuple and len(line) <= MAX_LINE:
                    self._remember(item, line)
            lines.append(line)
        lines.append(b"\r\n")
        return b"".join(lines), remaining

    def _remember(self, item, line):
        if type(item[0]) is bytes and type(item[1]) is bytes:
            if len(self.lines) >= MAX_LINES:
                self.lines.clear()
            self.lines[item] = line

    def _body(self, message):
        """Checks a part of the body; gives what is to be sent now, with the
        head in front if that waits, and whether it is the last."""
        if self.finished:
            raise RuntimeError("Unexpected ASGI message 'http.response.body' sent, "
                               "after response already completed")
        if self.head is None or self.trailers:
            raise RuntimeError("Expected ASGI message '%s', but got 'http.response.body'" % (
                "http.response.trailers" if self.trailers else "http.response.start"))
        body = message.get("body", b"")
        if type(body) is not bytes:
            if not isinstance(body, (bytes, bytearray)):
                raise TypeError("'body' is not a byte string or bytearray")
            body = bytes(body)
        more = message.get("more_body", False)
        if more is not False and more is not True:
            raise TypeError("'more_body' is not a bool")
        if self.remaining >= 0:
            if len(body) > self.remaining:
                raise RuntimeError("Response content longer than Content-Length")
            self.remaining -= len(body)
        if not self.sent:
            self.sent = True
            body = self.head + body
        if not more and self.trailers is not None:
            self.trailers.append(b"")
            more = True
        return body, not more

    async def _stream(self, data, last):
        """Sends in messages that the wire takes, not faster than the client
        receives."""
        context = self.context
        size = len(data)
        at = 0
        while True:
            while self.asked >= MAX_ASKED and not self.gone:
                self.room = context.loop.create_future()
                await self.room
            if self.gone:
                raise ConnectionAbortedError(errno.ECONNABORTED, "the client has left")
            part = data[at:at + BODY_ROOM] if size > BODY_ROOM else data
            at += len(part)
            ends = last and at >= size
            flags = PART_SHARED
            self.unasked += len(part)
            if self.unasked >= ASK_EVERY and not ends:
                self.unasked = 0
                self.asked += 1
                flags |= PART_ASKS
            if ends:
                self.finished = True
            wait = context.send(self, part, int(ends), flags)
            if wait is not None:
                await wait
            if at >= size:
                break
        if last:
            self.wake()

    async def _path(self, path):
        """Sends a file as the body: the extension http.response.pathsend."""
        if self.sent:
            raise RuntimeError("Expected ASGI message 'http.response.body', "
                               "but got 'http.response.pathsend'")
        if not isinstance(path, str) or not os.path.isabs(path):
            raise ValueError("'path' is not an absolute path")
        # Without a writer, to open a pipe would stop the loop.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            left = status.st_size
            while True:
                chunk = os.read(fd, min(left, BODY_CHUNK))
                if left and not chunk:
                    # The client has part of it: nothing can make that a whole.
                    self.fail()
                    raise OSError(errno.EIO, "the file ends early", path)
                left -= len(chunk)
                await self.send({"type": "http.response.body", "body": chunk,
                                 "more_body": left > 0})
                if not left:
                    return
        finally:
            os.close(fd)

    # ---- end ----------------------------------------------------------

    def complete(self):
        """The application is done with the request."""
        if self.finished or self.gone:
            return
        self.finished = True
        data = b""
        if not self.sent:
            data = b"200\r\nContent-Type: text/plain\r\n\r\n" if self.head is None else self.head
        self._last(data)

    def _last(self, data):
        while len(data) > BODY_ROOM:
            self.context.send(self, data[:BODY_ROOM], 0, PART_SHARED)
            data = data[BODY_ROOM:]
        self.context.send(self, data, 1, PART_SHARED)

    def fail(self):
        """Ends it with an error page or a cut connection."""
        if not self.finished and not self.gone:
            self.finished = True
            self.context.refuse(self)
