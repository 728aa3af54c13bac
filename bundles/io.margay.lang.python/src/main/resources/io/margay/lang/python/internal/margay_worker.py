# SPDX-License-Identifier: Apache-2.0
"""An application process: opens its contexts, obeys the prototype and leaves
without losing a request."""

# CPython refuses smaller stacks of threads.
LEAST_STACK = 32768


class Worker(Loader):
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
        self.asgi = False
        self.loops_of = None
        self.leaving = False
        self.alien = False
        self.reason = ""
        self.take = None
        # Reads as an ended queue once it stands in the place of the real one.
        self.end, other = _socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        other.close()

    def trouble(self, text, stream=0, level="alert"):
        """Logs the text, then the traceback of the exception in flight."""
        self.log(level, text, stream)
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
            if kind == RPC_READY and len(payload) >= 4:
                self.pid, = struct.unpack_from("=i", payload)
                if fds:
                    self.leash(fds.pop(0))
                close_all(fds)
                break
            close_all(fds)
            if kind == RPC_ERROR:
                self.log("alert", "WHOAMI error")
                raise SystemExit(1)
            if kind == QUIT:
                raise SystemExit(0)
        self.log.pid = self.pid
        os.register_at_fork(after_in_child=self.forked)
        send(self.control, PROCESS_CREATED, self.stream, struct.pack("=i", self.pid), pid=self.pid)
        Log(self.pid)("info", '"%s" application started' % self.name)

    def forked(self):
        """In a process that the application has forked: that may do anything
        but take requests and answer them in the name of this one."""
        self.alien = True
        os.dup2(self.end.fileno(), self.request.fileno(), inheritable=False)
        for context in self.contexts:
            # The list itself, which is at hand where requests are served.
            context.sends[:] = [self.end_alien] * len(context.sends)
        if self.loops_of is not None:
            for context in self.loops_of.contexts:
                for channel in context.channels:
                    channel.send = self.end_alien

    def end_alien(self, *ignored):
        self.log("error", "a process forked by the application returned from its request; it ends")
        os._exit(1)

    def leash(self, fd):
        """The other end is main's: when that ends, however it does, the
        kernel kills this process, be it asleep, stopped or deaf."""
        fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
        try:
            # Main may have ended before.
            if not os.read(fd, 1):
                raise SystemExit(1)
        except BlockingIOError:
            pass

    def redirect(self):
        """stdout and stderr of the application, if it has its own; again when
        the log is reopened."""
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

    def connect(self, accept):
        """Makes the reply sockets, one per context and loop of the router,
        and hands the router's ends over; accept() gets each context's."""
        remote = []
        for index in range(self.threads):
            replies = []
            for _ in range(self.loops):
                mine, its = _socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                replies.append(mine)
                remote.append(its)
            accept(index, replies)
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
        if self.asgi:
            # The descriptor itself stays blocking, since others share it.
            def recv(size, recv=recv, flags=socket.MSG_DONTWAIT):
                return recv(size, flags)
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
        if self.loops_of is not None:
            self.loops_of.quit()
            return
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
                if self.loops_of is not None:
                    self.loops_of.forget(self.control)
                self.quit()
                return
            _, kind, _, fds = message
            try:
                if kind == QUIT:
                    self.quit()
                elif kind == CHANGE_FILE:
                    if fds and not self.private_stderr:
                        os.dup2(fds[0], 2)
                    self.redirect()
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
        try:
            if self.threads > 1 and self.application.get("thread_stack_size"):
                self._stack_size(self.application["thread_stack_size"])
            if self.asgi:
                Loops(self).run()
            else:
                self._run_threads()
        except StartFailure as e:
            self.reason = e.args[0]
            self.log("alert", self.reason)
            self.explain()
            raise SystemExit(1) from None

    def _run_threads(self):
        # Threads that cannot be made are a failure of the start, so they are
        # there before the process is said to be ready.
        gate = _Lock()

        def later(index):
            with gate:
                pass
            self.contexts[index].run_thread()

        gate.acquire()
        threads = self.start_threads([functools.partial(later, index)
                                      for index in range(1, self.threads)])
        try:
            self.connect(lambda index, replies:
                         self.contexts.append(Context(self, self.slot + index, replies)))
        except (BrokenPipeError, ConnectionResetError):
            # The router has gone meanwhile; nobody waits for this worker.
            return
        gate.release()
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
            # The interpreter needs more than the system does.
            threading.stack_size(max(size, LEAST_STACK))
        except (ValueError, RuntimeError) as e:
            raise StartFailure("thread attr set stack size failed: %s (%d)"
                               % (e, errno.EINVAL)) from None

    def start_threads(self, runs):
        threads = []
        for index, run in enumerate(runs, 1):
            # Daemon threads, since joining is done by run(): an exit() of the
            # application must not wait for them.
            thread = _Thread(target=run, name="unit-%d" % index, daemon=True)
            try:
                thread.start()
            except RuntimeError as e:
                raise StartFailure("thread #%d create failed: %s (%d)"
                                   % (index, e, errno.EAGAIN)) from None
            threads.append(thread)
        return threads


def exit_code(reason):
    """The exit status that Python itself would derive from SystemExit."""
    if reason.code is None:
        return 0
    return reason.code & 0xff if isinstance(reason.code, int) else 1
