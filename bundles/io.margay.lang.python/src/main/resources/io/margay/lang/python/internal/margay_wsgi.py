# SPDX-License-Identifier: Apache-2.0
"""The worker: takes requests from the shared queue and runs a WSGI
application (PEP 3333)."""
import gc
import importlib
import inspect
import io
import itertools
import mmap
import threading
import traceback

_Thread = threading.Thread
_Lock = threading.Lock
_thread_kill = signal.pthread_kill

# Message header, then flags, target, pad, head length, inline body length,
# content length.
REQUEST = struct.Struct("=IiHBBBBBxBBHIIQ")
REQUEST_SIZE = REQUEST.size
FLAG_TLS = 1
FLAG_BODY_FD = 2
BODY_ROOM = MAX_MESSAGE - HEADER_SIZE
SLOT_WORDS = 16
SLOT_STREAM = 0
SLOT_LOOP = 1
SLOT_COUNT = 2
# Distinct status strings worth remembering; applications use a handful.
MAX_STATUSES = 256
# Header fields repeat as well; the memory is bounded by starting over.
MAX_LINES = 1024
MAX_LINE = 256


class StartFailure(Exception):
    """The application cannot be loaded; the text is for the log."""


class Failure(Exception):
    """The response broke the rules; already logged."""


class Input:
    """wsgi.input of one context; valid while a request is processed."""

    __slots__ = ("context", "file")

    def __init__(self, context):
        self.context = context
        self.file = None

    def _open(self, method, args):
        file = self.file
        if file is None:
            if not self.context.stream:
                raise RuntimeError("wsgi.input.%s() is called outside of WSGI "
                                   "request processing" % method)
            file = self.file = self.context.open_body()
        if len(args) > 1:
            raise TypeError("invalid number of arguments")
        return file

    def _size(self, args, what):
        if not args or args[0] is None:
            return -1
        size = args[0]
        if not isinstance(size, int) or size < -1:
            raise ValueError("the read %s size cannot be zero or less" % what)
        return size

    def read(self, *args):
        return self._open("read", args).read(self._size(args, "body"))

    def readline(self, *args):
        return self._open("readline", args).readline(self._size(args, "line"))

    def readlines(self, *args):
        return self._open("readlines", args).readlines()

    def __iter__(self):
        return self

    def __next__(self):
        line = self._open("__next__", ()).readline()
        if not line:
            raise StopIteration
        return line


def parse_status(status):
    """The status bytes that travel: the number before the first space."""
    if isinstance(status, bytes):
        number = status.partition(b" ")[0]
    elif isinstance(status, str):
        number = status.partition(" ")[0].encode("latin-1", "replace")
    else:
        raise TypeError("failed to write first argument (not a string?)")
    if not number.isdigit() or len(number) > 9:
        raise TypeError("failed to parse status code")
    code = int(number)
    # The wire has three digits; what is beyond is sent as 500 (http.md).
    return b"%03d\r\n" % (code if code <= 999 else 500)


def _field_text(value, index, what):
    if isinstance(value, bytes):
        text = value.decode("latin-1")
    elif isinstance(value, str):
        text = value
        try:
            text.encode("latin-1")
        except UnicodeEncodeError:
            raise TypeError("header #%d %s is not a string" % (index, what)) from None
    else:
        raise TypeError("header #%d %s is not a string" % (index, what))
    if "\r" in text or "\n" in text or "\0" in text:
        raise ValueError("header #%d %s contains a control character" % (index, what))
    return text


def header_line(header, index):
    """The checked bytes of one header field."""
    if not isinstance(header, tuple):
        raise TypeError("the response headers must be a list of tuples")
    if len(header) != 2:
        raise TypeError("each header must be a tuple of two items")
    name = _field_text(header[0], index, "name")
    value = _field_text(header[1], index, "value")
    if name.lower() == "content-length":
        # One spelling, so that start_response() finds it by one search.
        name = "Content-Length"
        value = value.strip()
    return (name + ": " + value + "\r\n").encode("latin-1")


class Context:
    """One thread's place: at most one request at a time."""

    __slots__ = ("worker", "slot", "replies", "input", "bases", "statuses", "lines",
                 "stream", "loop", "data", "head", "sent", "finished", "remaining",
                 "length", "thread_id")

    def __init__(self, worker, slot, replies):
        self.worker = worker
        self.slot = slot
        self.replies = replies
        self.input = Input(self)
        self.statuses = {}
        self.lines = {}
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
        return {
            "wsgi.version": (1, 0),
            "wsgi.multithread": self.worker.threads > 1,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.errors": sys.stderr,
            "wsgi.input": self.input,
            "wsgi.url_scheme": scheme,
            "SERVER_SOFTWARE": self.worker.software,
        }

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
            # Not hashable, thus no tuple of strings: find the text to say so.
            lines[1:] = [header_line(header, index) for index, header in enumerate(headers)]
        lines.append(b"\r\n")
        head = b"".join(lines)
        at = head.find(b"\nContent-Length: ")
        if at < 0:
            self.remaining = -1
        else:
            text = head[at + 17:head.index(b"\r", at)]
            self.remaining = int(text) if text.isdigit() and len(text) < 19 else -1
        self.length = self.remaining
        if len(head) > BODY_ROOM:
            raise RuntimeError("failed to send response headers")
        self.head = head
        if self.length == 0:
            self._send(b"", 0)
        return self.write

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
            self._send(chunk, 0)

    def _message(self, kind, last, payload):
        worker = self.worker
        return HEADER.pack(self.stream, worker.pid, 0, kind, last, 0, 0, 0) + payload

    def _send(self, chunk, last):
        """Sends the head, if it waits, and the chunk in messages that a
        64 KiB buffer takes."""
        reply = self.replies[self.loop].send
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
                self.worker.log("alert", "the application returned not an iterable object",
                                self.stream)
                raise Failure() from None
            while self.remaining or not self.sent:
                try:
                    chunk = next(iterator)
                except StopIteration:
                    break
                except Exception:
                    self.worker.trouble("Python failed to iterate over the application "
                                        "response object", self.stream)
                    raise Failure() from None
                self._chunk(chunk)
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                try:
                    close()
                except Exception:
                    self.worker.trouble("Python failed to call the close() method of the "
                                        "application response", self.stream)

    def _finish(self):
        if self.finished:
            return
        if self.sent:
            self.replies[self.loop].send(self._message(DATA, 1, b""))
            return
        if self.head is None:
            self.head = b"200\r\nContent-Type: text/plain\r\n\r\n"
        self._send(b"", 1)

    def _fail(self):
        if self.finished:
            return
        self.replies[self.loop].send(self._message(RPC_ERROR, 1, b""))

    def _slow(self, response):
        try:
            self._respond(response)
        except Failure:
            self._fail()
        except SystemExit:
            self._fail()
            raise
        except OSError:
            raise
        except BaseException:
            self.worker.trouble("Python failed to iterate over the application response object",
                                self.stream)
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
        replies = [reply.send for reply in self.replies]
        slots = worker.slots
        slot_stream = self.slot * SLOT_WORDS + SLOT_STREAM
        slot_loop = self.slot * SLOT_WORDS + SLOT_LOOP
        slot_count = self.slot * SLOT_WORDS + SLOT_COUNT
        start_response = self.start_response
        body = self.input
        unpack = REQUEST.unpack_from
        pack = HEADER.pack
        served = 0
        while True:
            data = take(65536)
            if not data:
                return
            (stream, _, loop, _, _, _, _, _, flags, target, _, head, _, _) = unpack(data)
            slots[slot_stream] = stream
            slots[slot_loop] = loop
            self.stream = stream
            self.loop = loop
            self.data = data
            self.head = None
            self.sent = self.finished = False
            self.remaining = -1
            application, prefix = targets[target]
            environ = bases[target][flags & FLAG_TLS].copy()
            pairs = iter(data[36:36 + head].decode("latin-1").split("\0"))
            environ.update(zip(pairs, pairs))
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
                worker.trouble("Python failed to call the application", stream)
                self._fail()
            else:
                if type(response) is list and len(response) == 1 and not self.sent \
                        and type(response[0]) is bytes and self.head is not None \
                        and len(response[0]) + len(self.head) <= BODY_ROOM \
                        and self.remaining in (-1, len(response[0])):
                    replies[loop](pack(stream, pid, 0, DATA, 1, 0, 0, 0)
                                  + self.head + response[0])
                else:
                    self._slow(response)
                response = None
            # Not before the next request: what it refers to may be large, and
            # its finalizers belong to this request.
            environ = pairs = None
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


class Worker:
    """One application process."""

    def __init__(self, init, application, local, start):
        self.name = init["name"]
        self.application = application
        self.software = "Unit/" + init["version"]
        self.threads = application.get("threads", 1)
        self.local = local
        self.main = start.main
        self.router = start.router
        self.request = start.request
        self.control = start.control
        self.daemon = init.get("daemon", False)
        self.private_stderr = False
        self.stream = start.stream
        self.parent = start.parent
        self.loops = start.loops
        self.slot = start.slot
        self.slots = memoryview(mmap.mmap(start.slots, 0)).cast("I")
        os.close(start.slots)
        self.pid = local
        self.log = Log(local, "[unit] ")
        self.targets = []
        self.contexts = []
        self.leaving = False
        self.reason = ""
        self.take = None
        # Reads as an ended queue once it stands in the place of the real one.
        self.end, other = _socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        other.close()

    def trouble(self, text, stream=0):
        """Logs the text, then the traceback of the exception in flight."""
        self.log("error" if stream else "alert", text, stream)
        if not stream:
            last = traceback.format_exception_only(*sys.exc_info()[:2])[-1]
            self.reason = "%s: %s" % (text, last.strip())
        try:
            sys.stderr.write(traceback.format_exc())
            sys.stderr.flush()
        except Exception:
            # The application may have replaced sys.stderr by anything.
            self.log("error", "the traceback could not be written to sys.stderr", stream)

    # ---- start --------------------------------------------------------

    def explain(self):
        """Tells the router, and so the client who changed the configuration,
        why the start fails."""
        try:
            send(self.router, RPC_ERROR, self.stream,
                 self.reason.encode("utf-8", "replace")[:1024], pid=self.pid)
        except OSError as e:
            self.log("warn", "the router could not be told the reason (%d: %s)" % (e.errno, e.strerror))

    def learn(self, peer):
        """Asks main for the pid that the rest of the server knows; main gets
        the other end of the control socket."""
        send(self.main, WHOAMI, self.stream, struct.pack("=i", self.parent),
             (peer.fileno(),), pid=self.local)
        peer.close()
        while True:
            message = receive(self.control)
            if message is None:
                raise SystemExit(1)
            _, kind, payload, fds = message
            if kind == CHANGE_FILE and fds:
                os.dup2(fds[0], 2)
            close_all(fds)
            if kind == RPC_READY and len(payload) >= 4:
                self.pid, = struct.unpack_from("=i", payload)
                break
            if kind == RPC_ERROR:
                self.log("alert", "WHOAMI error")
                raise SystemExit(1)
            if kind == QUIT:
                raise SystemExit(0)
        self.log.pid = self.pid
        send(self.control, PROCESS_CREATED, self.stream, struct.pack("=i", self.pid), pid=self.pid)
        Log(self.pid)("info", '"%s" application started' % self.name)

    def redirect(self):
        """stdout and stderr of the application; only in daemon mode, else
        they stay those of the server."""
        if not self.daemon:
            return
        for name, fd in (("stdout", 1), ("stderr", 2)):
            path = self.application.get(name)
            if not path:
                continue
            try:
                file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except OSError as e:
                self.log("error", 'open("%s") failed (%d: %s)' % (path, e.errno, e.strerror))
                continue
            os.dup2(file, fd)
            os.close(file)
            self.private_stderr |= fd == 2

    def load(self):
        path = self.application.get("path", [])
        for entry in reversed([path] if isinstance(path, str) else path):
            sys.path.insert(0, entry)
        targets = self.application.get("targets")
        for conf in [self.application] if targets is None else targets.values():
            self.targets.append(self._target(conf))

    def _target(self, conf):
        name = conf["module"]
        try:
            module = importlib.import_module(name)
        except SystemExit:
            raise
        except BaseException:
            self.trouble('Python failed to import module "%s"' % name)
            raise StartFailure() from None
        attribute = conf.get("callable", "application")
        try:
            application = getattr(module, attribute)
        except AttributeError:
            self.trouble('Python failed to get "%s" from module "%s"' % (attribute, name))
            raise StartFailure() from None
        if conf.get("factory", False):
            application = self._factory(application, attribute, name)
        if not callable(application):
            raise StartFailure('"%s" in module "%s" is not a callable object' % (attribute, name))
        protocol = self.application.get("protocol")
        if protocol == "asgi" or (protocol is None and is_asgi(application)):
            raise StartFailure('ASGI not implemented: "%s" in module "%s" is an ASGI application'
                               % (attribute, name))
        prefix = conf.get("prefix")
        if prefix is not None and prefix.endswith("/"):
            prefix = prefix[:-1]
        return application, prefix or None

    def _factory(self, factory, attribute, name):
        if not callable(factory):
            raise StartFailure('factory "%s" in module "%s" can not be called to fetch callable'
                               % (attribute, name))
        try:
            application = factory()
        except SystemExit:
            raise
        except BaseException:
            self.trouble('factory "%s" in module "%s" can not be called to fetch callable'
                         % (attribute, name))
            raise StartFailure() from None
        if not callable(application):
            raise StartFailure('factory "%s" in module "%s" did not return callable object'
                               % (attribute, name))
        return application

    def connect(self):
        """Makes the reply sockets, one per context and loop of the router,
        and hands the router's ends over."""
        remote = []
        for index in range(self.threads):
            replies = []
            for _ in range(self.loops):
                mine, its = _socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                replies.append(mine)
                remote.append(its)
            self.contexts.append(Context(self, self.slot + index, replies))
        payload = struct.pack("=HH", self.threads, self.loops)
        for at in range(0, len(remote), MAX_FDS):
            part = remote[at:at + MAX_FDS]
            send(self.router, PROCESS_READY, self.stream, payload,
                 [sock.fileno() for sock in part], last=int(at + MAX_FDS >= len(remote)),
                 pid=self.pid)
        for sock in remote:
            sock.close()
        send(self.control, PROCESS_READY, self.stream, pid=self.pid)

    # ---- life ---------------------------------------------------------

    def plan_takes(self):
        """The way contexts take a request: plain recv(), or counted."""
        limit = self.application.get("limits", {}).get("requests", 0)
        recv = self.request.recv
        if limit <= 0:
            self.take = recv
            return
        numbers = itertools.count(1)
        lock = _Lock()

        def counted(size):
            # Under the lock, so that not one request beyond the limit is
            # taken by a context that waits already.
            with lock:
                if self.leaving:
                    return b""
                data = recv(size)
                if data and next(numbers) >= limit:
                    self.leaving = True
                return data

        self.take = counted

    def quit(self):
        """Ends the queue for all contexts.  A recv() in progress is
        interrupted by a signal, retried by Python and sees the end; one that
        got a request already keeps it."""
        os.dup2(self.end.fileno(), self.request.fileno(), inheritable=False)
        own = threading.get_ident()
        for context in self.contexts:
            if context.thread_id and context.thread_id != own:
                try:
                    _thread_kill(context.thread_id, WAKE)
                except (ProcessLookupError, OSError):
                    # The thread has ended already.
                    pass

    def on_wake(self, signum, frame):
        while True:
            try:
                message = receive(self.control, flags=socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                message = None
            if message is None:
                # The prototype has gone: nobody would ever stop this process.
                self.quit()
                return
            _, kind, _, fds = message
            try:
                if kind == QUIT:
                    self.quit()
                elif kind == CHANGE_FILE and fds and not self.private_stderr:
                    os.dup2(fds[0], 2)
            finally:
                close_all(fds)
            self._acknowledge(kind)

    def _acknowledge(self, kind):
        try:
            self.control.send(HEADER.pack(kind, self.pid, 0, RPC_READY, 1, 0, 0, 0),
                              socket.MSG_DONTWAIT)
        except OSError:
            # Only the repetition of the signal depends on it.
            pass

    def leave(self, reason):
        """Ends the process from a thread that is not the main one."""
        code = 1
        if isinstance(reason, SystemExit):
            code = exit_code(reason)
        elif not isinstance(reason, (BrokenPipeError, ConnectionResetError)):
            self.log("alert", "a thread of the application ended: %r" % (reason,))
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def run(self):
        signal.signal(WAKE, self.on_wake)
        try:
            self.load()
        except StartFailure as e:
            if e.args:
                self.reason = e.args[0]
                self.log("alert", self.reason)
            self.explain()
            raise SystemExit(1) from None
        except SystemExit as e:
            self.reason = "the application exited while it was loaded: SystemExit(%r)" % (e.code,)
            self.log("alert", self.reason)
            self.explain()
            raise SystemExit(exit_code(e) or 1) from None
        self.plan_takes()
        if self.threads > 1 and self.application.get("thread_stack_size"):
            self._stack_size(self.application["thread_stack_size"])
        try:
            self.connect()
        except (BrokenPipeError, ConnectionResetError):
            # The router has gone meanwhile; nobody waits for this worker.
            return
        threads = self._start_threads()
        first = self.contexts[0]
        first.thread_id = threading.get_ident()
        try:
            first.serve()
        except (BrokenPipeError, ConnectionResetError):
            # The router has gone or gave this worker up.
            self.quit()
        for thread in threads:
            thread.join()

    def _stack_size(self, size):
        try:
            threading.stack_size(size)
        except (ValueError, RuntimeError) as e:
            self.log("alert", "thread attr set stack size failed: %s (%d)" % (e, errno.EINVAL))
            raise SystemExit(1) from None

    def _start_threads(self):
        threads = []
        for index, context in enumerate(self.contexts[1:], 1):
            # Daemon threads, since joining is done by run(): an exit() of the
            # application must not wait for them.
            thread = _Thread(target=context.run_thread, name="unit-%d" % index, daemon=True)
            try:
                thread.start()
            except RuntimeError as e:
                self.log("alert", "thread #%d create failed: %s (%d)" % (index, e, errno.EAGAIN))
                raise SystemExit(1) from None
            threads.append(thread)
        return threads


def exit_code(reason):
    """The exit status that Python itself would derive from SystemExit."""
    if reason.code is None:
        return 0
    return reason.code & 0xff if isinstance(reason.code, int) else 1


def is_asgi(application):
    """A coroutine function, or one that takes exactly one argument (the
    legacy form); for an object its __call__ decides."""
    function = application
    if not (inspect.isfunction(function) or inspect.ismethod(function)
            or inspect.isclass(function)):
        function = getattr(application, "__call__", application)
    if inspect.iscoroutinefunction(function):
        return True
    if inspect.isclass(function) or inspect.isbuiltin(function):
        return False
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    bound = 1 if inspect.ismethod(function) else 0
    return code.co_argcount - bound == 1 and not code.co_flags & inspect.CO_VARARGS
