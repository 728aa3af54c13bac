# SPDX-License-Identifier: Apache-2.0
"""One request after the other on one thread: the loop of a worker and what
PEP 3333 says of a response."""


class Context:
    """One thread's place: at most one request at a time."""

    __slots__ = ("worker", "slot", "replies", "sends", "input", "bases", "statuses", "lines", "heads",
                 "stream", "loop", "data", "head", "sent", "finished", "remaining",
                 "length", "thread_id")

    def __init__(self, worker, slot, replies):
        self.worker = worker
        self.slot = slot
        self.replies = replies
        self.sends = [reply.send for reply in replies]
        self.input = Input(self)
        self.statuses = {}
        self.lines = {}
        self.heads = {}
        self.stream = 0
        self.loop = 0
        self.data = b""
        self.head = None
        self.sent = False
        self.finished = False
        self.remaining = -1
        self.length = -1
        self.thread_id = 0
        self.bases = [[self._base(target, scheme) for scheme in ("http", "https")]
                      for target in worker.targets]

    def _base(self, target, scheme):
        base = {
            "wsgi.version": (1, 0),
            "wsgi.multithread": self.worker.threads > 1,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.errors": sys.stderr,
            "wsgi.input": self.input,
            "wsgi.url_scheme": scheme,
            "SERVER_SOFTWARE": self.worker.software,
        }
        if target[1] is None:
            # With a prefix it is there when that matched, as in Unit; without
            # one Python's validator wants it.
            base["SCRIPT_NAME"] = ""
        # With all keys, so that a copy needs only the values.
        return Keys(lambda keys: (keys, {**base, **dict.fromkeys(keys)}))

    # ---- request body -------------------------------------------------

    def open_body(self):
        data = self.data
        fields = REQUEST.unpack_from(data)
        flags, head, inline = fields[8], fields[11], fields[12]
        if flags & FLAG_BODY_FD:
            return self._fetch_body()
        start = REQUEST_SIZE + head
        return io.BytesIO(data[start:start + inline])

    def _fetch_body(self):
        reply = self.replies[self.loop]
        send(reply, REQ_HEADERS_ACK, self.stream, last=0, pid=self.worker.pid)
        message = receive(reply)
        if message is None:
            raise OSError(errno.ECONNRESET, "the server has gone")
        _, kind, _, fds = message
        if kind != REQ_BODY or len(fds) != 1:
            close_all(fds)
            raise OSError(errno.EIO, "the request body is not available any more")
        # The offset is shared with the server, which wrote the file.
        os.lseek(fds[0], 0, os.SEEK_SET)
        return open(fds[0], "rb", 65536)

    # ---- response -----------------------------------------------------

    def _gone(self):
        """Whether the client has left."""
        slots = self.worker.slots
        if not slots[CANCELLED]:
            return False
        at = CANCELS + ((self.stream + 31 * self.loop & 4095) << 1)
        return slots[at] == self.stream and slots[at + 1] == self.loop

    def _trouble(self, text, level="error"):
        """Logs what the application did wrong, unless it could not go on
        because the client has left."""
        if not self._gone():
            self.worker.trouble(text, self.stream, level)

    def start_response(self, *args):
        count = len(args)
        if count == 2:
            status, headers = args
        elif count == 3:
            status, headers, exc_info = args
            if exc_info and self.sent:
                try:
                    raise exc_info[1].with_traceback(exc_info[2])
                finally:
                    exc_info = None
        else:
            raise TypeError("invalid number of arguments")
        if not self.stream:
            raise RuntimeError("start_response() is called outside of WSGI "
                               "request processing")
        if self.sent:
            raise RuntimeError("failed to allocate response object")
        if not isinstance(headers, list):
            raise TypeError("the second argument is not a response headers list")
        whole = (status, *headers)
        try:
            found = self.heads.get(whole)
        except TypeError:
            # Not hashable, thus no tuple of strings.
            found = whole = None
        if found is None:
            self._head(status, headers, whole)
        else:
            self.head, self.length = found
        self.remaining = self.length
        if self.length == 0:
            self._send(b"", 0)
        return self.write

    def _head(self, status, headers, whole):
        """Makes the bytes of status and header fields, and the length that
        they declare."""
        try:
            code = self.statuses[status]
        except (KeyError, TypeError):
            code = parse_status(status)
            if len(self.statuses) < MAX_STATUSES:
                self.statuses[status] = code
        known = self.lines.get
        lines = [code]
        try:
            for header in headers:
                lines.append(known(header) or self._line(header, len(lines) - 1))
        except TypeError:
            # Not hashable: find the text to say so.
            lines[1:] = [header_line(header, index) for index, header in enumerate(headers)]
        lines.append(b"\r\n")
        head = b"".join(lines)
        at = head.find(b"\nContent-Length: ")
        length = -1
        if at >= 0:
            text = head[at + 17:head.index(b"\r", at)]
            if text.isdigit() and len(text) < 19:
                length = int(text)
        self.head = head
        self.length = length
        if whole is not None and len(head) <= MAX_HEAD:
            heads = self.heads
            if len(heads) >= MAX_HEADS:
                heads.clear()
            heads[whole] = head, length

    def _line(self, header, index):
        line = header_line(header, index)
        if len(line) <= MAX_LINE:
            lines = self.lines
            if len(lines) >= MAX_LINES:
                lines.clear()
            lines[header] = line
        return line

    def write(self, chunk):
        if not isinstance(chunk, bytes):
            raise TypeError("the argument is not a bytestring")
        if not self.stream:
            raise RuntimeError("write() is called outside of WSGI request processing")
        if chunk:
            if 0 <= self.remaining < len(chunk):
                raise RuntimeError("content length %d exceeded" % self.length)
            if self._gone():
                raise ConnectionAbortedError(errno.ECONNABORTED, "the client has left")
            self._send(chunk, 0)

    def _message(self, kind, last, payload):
        worker = self.worker
        return HEADER.pack(self.stream, worker.pid, 0, kind, last, 0, 0, 0) + payload

    def _send(self, chunk, last):
        """Sends the head, if it waits, and the chunk in messages that a
        64 KiB buffer takes."""
        reply = self.sends[self.loop]
        if self.remaining > 0:
            self.remaining -= len(chunk)
        if not self.sent:
            self.sent = True
            chunk = self.head + chunk
        size = len(chunk)
        if size <= BODY_ROOM:
            reply(self._message(DATA, last, chunk))
            return
        at = 0
        while at < size:
            end = at + BODY_ROOM
            reply(self._message(DATA, last if end >= size else 0, chunk[at:end]))
            at = end

    def _chunk(self, chunk):
        if not isinstance(chunk, bytes):
            self.worker.log("alert", "the application returned not a bytestring object",
                            self.stream)
            raise Failure()
        if not chunk:
            return
        if self.head is None:
            self.worker.log("alert", "the application did not call start_response()", self.stream)
            raise Failure()
        if 0 <= self.remaining < len(chunk):
            self.worker.log("error", "content length %d exceeded" % self.length, self.stream)
            raise Failure()
        # The last byte ends the response for the client; close() may take long.
        self.finished = self.remaining == len(chunk)
        self._send(chunk, 1 if self.finished else 0)

    def _respond(self, response):
        """Iterates over a response that is not one bytes in a list."""
        try:
            if isinstance(response, bytes):
                self._chunk(response)
                return
            if type(response) in (list, tuple) and all([type(c) is bytes for c in response]):
                # Complete already, so one message may carry it.
                self._chunk(b"".join(response))
                return
            try:
                iterator = iter(response)
            except TypeError:
                self._trouble("the application returned not an iterable object", "alert")
                raise Failure() from None
            while (self.remaining or not self.sent) and not self._gone():
                try:
                    chunk = next(iterator)
                except StopIteration:
                    break
                except Exception:
                    self._trouble("Python failed to iterate over the application response object")
                    raise Failure() from None
                self._chunk(chunk)
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                try:
                    close()
                except Exception:
                    self._trouble("Python failed to call the close() method of the application "
                                  "response")

    def _finish(self):
        if self.finished:
            return
        if self.sent:
            self.sends[self.loop](self._message(DATA, 1, b""))
            return
        if self.head is None:
            self.head = b"200\r\nContent-Type: text/plain\r\n\r\n"
        self._send(b"", 1)

    def _fail(self):
        if self.finished:
            return
        self.sends[self.loop](self._message(RPC_ERROR, 1, b""))

    def _slow(self, response):
        try:
            self._respond(response)
        except Failure:
            self._fail()
        except SystemExit:
            self._fail()
            raise
        except ConnectionAbortedError:
            self._fail()
        except OSError:
            raise
        except BaseException:
            self._trouble("Python failed to iterate over the application response object")
            self._fail()
        else:
            self._finish()

    # ---- loop ---------------------------------------------------------

    def serve(self):
        """Takes requests until the queue ends.  This is the hot path: names
        are local, and the one-bytes-in-a-list response is sent at once."""
        worker = self.worker
        take = worker.take
        pid = worker.pid
        targets = worker.targets
        bases = self.bases
        sends = self.sends
        slots = worker.slots
        slot_stream = self.slot * SLOT_WORDS + SLOT_STREAM
        slot_loop = self.slot * SLOT_WORDS + SLOT_LOOP
        slot_count = self.slot * SLOT_WORDS + SLOT_COUNT
        start_response = self.start_response
        body = self.input
        unpack = _TAKEN.unpack_from
        pack = _LAST.pack
        served = 0
        while True:
            data = take(65536)
            if not data:
                return
            stream, loop, flags, target, head = unpack(data)
            slots[slot_loop] = loop
            slots[slot_stream] = stream
            self.stream = stream
            self.loop = loop
            if slots[CANCELLED] and self._gone():
                self.stream = slots[slot_stream] = 0
                continue
            self.data = data
            self.head = None
            self.sent = self.finished = False
            self.remaining = -1
            application, prefix = targets[target]
            names, _, values = data[36:36 + head].partition(b"\0\0")
            # One value more is for ASGI, where the server could not know the
            # protocol.
            keys, environ = bases[target][flags & FLAG_TLS][names]
            environ = environ.copy()
            environ.update(zip(keys, values.decode("latin-1").split("\0")))
            if prefix is not None:
                path = environ["PATH_INFO"]
                if path.startswith(prefix) and path[len(prefix):len(prefix) + 1] in ("", "/"):
                    environ["SCRIPT_NAME"] = prefix
                    environ["PATH_INFO"] = path[len(prefix):]
            try:
                response = application(environ, start_response)
            except SystemExit:
                self._fail()
                raise
            except BaseException:
                self._trouble("Python failed to call the application")
                self._fail()
            else:
                if type(response) is list and len(response) == 1 and not self.sent \
                        and type(response[0]) is bytes and self.head is not None \
                        and len(response[0]) + len(self.head) <= BODY_ROOM \
                        and self.remaining in (-1, len(response[0])):
                    sends[loop](pack(stream, pid, DATA, 1)
                                + self.head + response[0])
                else:
                    self._slow(response)
                response = None
            # Not before the next request: what it refers to may be large, and
            # its finalizers belong to this request.
            environ = values = None
            if body.file is not None:
                body.file.close()
                body.file = None
            self.stream = 0
            self.data = b""
            served += 1
            slots[slot_count] = served & 0xffffffff
            slots[slot_stream] = 0

    def run_thread(self):
        self.thread_id = threading.get_ident()
        try:
            self.serve()
        except BaseException as e:
            self.worker.leave(e)
