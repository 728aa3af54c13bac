# SPDX-License-Identifier: Apache-2.0
"""The prototype: forks workers, forwards orders to them and reports their
end.  It runs no code of the application."""

# Seconds between two signals to a worker that has not answered yet.
WAKE_FIRST = 0.05
WAKE_LONGEST = 2.0
# Signals that end the prototype and its workers.
LEAVE = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class Start:
    """What a forked worker keeps of the prototype."""

    def __init__(self, prototype, control, stream, loops, slot):
        self.main = prototype.main
        self.router = prototype.router
        self.request = prototype.request
        self.slots = prototype.slots
        self.parent = prototype.pid
        self.control = control
        self.stream = stream
        self.loops = loops
        self.slot = slot


class Child:
    """A worker as the prototype sees it."""

    def __init__(self, pid, control, stream, isolated):
        self.local = pid
        # In a namespace of its own the pid here is another process elsewhere;
        # 0 until the worker has learnt the one that all others use.
        self.pid = 0 if isolated else pid
        self.control = control
        self.stream = stream
        self.ready = False
        self.unanswered = 0
        self.wake_at = 0.0
        self.pause = WAKE_FIRST


class Prototype:
    """A single-threaded loop over its port, its workers and SIGCHLD."""

    def __init__(self, init, application):
        self.init = init
        self.name = init["name"]
        self.application = application
        self.port = adopt(init["read"])
        self.main = adopt(init["main"])
        self.router = adopt(init["router"])
        self.request = adopt(init["request"])
        self.slots = init["slots"]
        os.set_inheritable(self.slots, False)
        self.pid = os.getpid()
        self.isolated = False
        self.children = {}
        self.quitting = False
        self.poll = _poll()
        self.poll.register(self.port, select.POLLIN)
        self.woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.wake = wake
        self.poll.register(self.woken, select.POLLIN)
        self.log = Log(self.pid)

    def prepare(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
        for number in LEAVE:
            signal.signal(number, lambda signum, frame: None)
        # Ignored until a worker has its handler, lest an early order kill it.
        signal.signal(WAKE, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, LEAVE)
        set_title('unit: "%s" prototype' % self.name)
        if self.pid == 1:
            self._whoami()
        self.log("info", '"%s" prototype started' % self.name)
        send(self.main, PROCESS_READY, pid=self.pid)

    def _whoami(self):
        # Process 1 of its own namespace; the others know it by another pid.
        self.isolated = True
        send(self.main, WHOAMI, 0, struct.pack("=i", self.init.get("parent", 0)), pid=self.pid)
        while True:
            message = receive(self.port)
            if message is None:
                raise SystemExit(1)
            _, kind, payload, fds = message
            close_all(fds)
            if kind == RPC_READY and len(payload) >= 4:
                self.pid, = struct.unpack_from("=i", payload)
                self.log.pid = self.pid
                return
            if kind == RPC_ERROR:
                self.log("alert", "WHOAMI error")
                raise SystemExit(1)
            if kind == QUIT:
                raise SystemExit(0)

    # ---- loop ---------------------------------------------------------

    def run(self):
        """Returns the worker to run, in a forked process only."""
        while not (self.quitting and not self.children):
            events = self.poll.poll(self._timeout())
            for fd, event in events:
                if fd == self.woken:
                    self._drain_wakeups()
                elif fd == self.port.fileno():
                    worker = self._on_port()
                    if worker is not None:
                        return worker
                else:
                    self._on_child(fd)
            self._reap()
            self._repeat_wakes()
        return None

    def _timeout(self):
        waiting = [child.wake_at for child in self.children.values() if child.unanswered]
        if not waiting:
            return None
        return max(1, int((min(waiting) - time.monotonic()) * 1000) + 1)

    def _drain_wakeups(self):
        try:
            while True:
                signals = os.read(self.woken, 512)
                if not self.quitting and LEAVE.intersection(signals):
                    self._quit_all()
        except BlockingIOError:
            pass

    def _on_port(self):
        try:
            message = receive(self.port, flags=socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        if message is None:
            # Main has gone, and with it everybody who could order anything.
            self.poll.unregister(self.port)
            self._quit_all()
            return None
        stream, kind, payload, fds = message
        if kind == START_PROCESS:
            close_all(fds)
            return self._fork(stream, payload)
        try:
            if kind == QUIT:
                self._on_quit(stream, payload)
            elif kind == CHANGE_FILE:
                if fds:
                    os.dup2(fds[0], 2)
                for child in list(self.children.values()):
                    self._order(child, CHANGE_FILE, fds[:1])
        finally:
            close_all(fds)
        return None

    def _on_quit(self, stream, payload):
        if len(payload) < 5:
            self._quit_all()
            return
        graceful, pid = struct.unpack_from("=Bi", payload)
        for child in list(self.children.values()):
            if not graceful and pid > 0 and child.pid == pid:
                self._end(child)
            elif not graceful and pid <= 0 and child.stream == stream:
                self._kill(child)
            elif graceful and child.pid == pid:
                self._order(child, QUIT)

    def _kill(self, child):
        """Ends a worker whose start takes too long; it may be anywhere in
        foreign code, where no order reaches it."""
        # Its word that it is ready may be waiting: then it takes requests.
        while not child.ready and self._on_child(child.control.fileno()):
            pass
        if not child.ready:
            self._end(child)

    def _end(self, child):
        try:
            os.kill(child.local, signal.SIGKILL)
        except ProcessLookupError:
            # Reaped soon.
            pass

    def _quit_all(self):
        self.quitting = True
        for child in list(self.children.values()):
            self._order(child, QUIT)

    def _order(self, child, kind, fds=()):
        """Puts a message on the worker's control socket and wakes it."""
        try:
            child.control.sendmsg(
                [HEADER.pack(0, self.pid, 0, kind, 1, 0, 0, 0)],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [],
                socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError as e:
            if e.errno in (errno.EPIPE, errno.ECONNRESET):
                return
            self.log("alert", "sendmsg to process %d failed (%d: %s)"
                     % (child.pid, e.errno, e.strerror))
            return
        child.unanswered += 1
        child.pause = WAKE_FIRST
        self._wake(child)

    def _wake(self, child):
        # The signal may arrive between the interpreter's last look for
        # signals and recv(), and is then seen only after the next request;
        # so it is repeated until the worker has answered.
        child.wake_at = time.monotonic() + child.pause
        child.pause = min(child.pause * 2, WAKE_LONGEST)
        try:
            os.kill(child.local, WAKE)
        except ProcessLookupError:
            child.unanswered = 0

    def _repeat_wakes(self):
        now = time.monotonic()
        for child in self.children.values():
            if child.unanswered and child.wake_at <= now:
                self._wake(child)

    def _on_child(self, fd):
        """Takes one message of a worker; false when there was none."""
        child = next((c for c in self.children.values() if c.control.fileno() == fd), None)
        if child is None:
            return False
        try:
            message = receive(child.control, flags=socket.MSG_DONTWAIT)
        except (BlockingIOError, ConnectionResetError):
            return False
        if message is None:
            # Its end follows by SIGCHLD; a closed socket would be reported for ever.
            self.poll.unregister(fd)
            child.unanswered = 0
            return False
        _, kind, payload, fds = message
        close_all(fds)
        if kind == RPC_READY:
            child.unanswered = max(0, child.unanswered - 1)
        elif kind == PROCESS_READY:
            child.ready = True
        elif kind == PROCESS_CREATED and len(payload) == 4:
            if self.isolated:
                child.pid, = struct.unpack("=i", payload)
        else:
            # Foreign code wrote it; nothing else that it shares with the
            # server can be relied upon either.
            self.log("alert", "app process %d is killed: it sent something that is no message" % child.pid)
            self._end(child)
            # What else it wrote is not worth a line each.
            self.poll.unregister(fd)
            child.unanswered = 0
            return False
        return True

    # ---- children -----------------------------------------------------

    def _fork(self, stream, payload):
        if self.quitting or len(payload) < 4:
            send(self.router, RPC_ERROR, stream, pid=self.pid)
            return None
        loops, slot = struct.unpack_from("=HH", payload)
        mine, its = _socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Workers keep them blocked: they leave when they are told to.
        signal.pthread_sigmask(signal.SIG_BLOCK, LEAVE)
        try:
            pid = os.fork()
        except OSError as e:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, LEAVE)
            self.log("alert", 'fork() failed for "%s" application (%d: %s)'
                     % (self.name, e.errno, e.strerror))
            mine.close()
            its.close()
            send(self.router, RPC_ERROR, stream, pid=self.pid)
            return None
        if pid == 0:
            return self._become_worker(mine, its, stream, loops, slot)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, LEAVE)
        its.close()
        self.children[pid] = Child(pid, mine, stream, self.isolated)
        self.poll.register(mine, select.POLLIN)
        return None

    def _become_worker(self, mine, its, stream, loops, slot):
        signal.set_wakeup_fd(-1)
        for number in LEAVE | {signal.SIGCHLD}:
            signal.signal(number, signal.SIG_DFL)
        os.close(self.wake)
        os.close(self.woken)
        self.port.close()
        for child in self.children.values():
            child.control.close()
        self.children.clear()
        set_title('unit: "%s" application' % self.name)
        worker = Worker(self.init, self.application, os.getpid(),
                        Start(self, its, stream, loops, slot))
        worker.learn(mine)
        worker.redirect()
        return worker

    def _reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self.children.pop(pid, None)
            shown = "%d" % pid
            if child is not None and child.pid not in (0, pid):
                shown = "%d (isolated %d)" % (child.pid, pid)
            if os.WIFSIGNALED(status):
                self.log("alert", "app process %s exited on signal %d%s" % (
                    shown, os.WTERMSIG(status),
                    " (core dumped)" if os.WCOREDUMP(status) else ""))
            else:
                self.log("notice", "app process %s exited with code %d"
                         % (shown, os.WEXITSTATUS(status)))
            if child is not None:
                self._report(child)

    def _report(self, child):
        try:
            self.poll.unregister(child.control)
        except KeyError:
            pass
        child.control.close()
        # A stream means: the start that it names has failed.
        stream = 0 if child.ready else child.stream
        payload = struct.pack("=i", child.pid)
        for peer in (self.router, self.main):
            try:
                send(peer, REMOVE_PID, stream, payload, pid=self.pid)
            except OSError:
                # That process has gone too; the other one still wants to know.
                pass


def start(init):
    """Entry point; the whole life of the process."""
    if sys.version_info < (3, 8):
        Log(os.getpid())("alert", "Python 3.8 or newer is needed")
        raise SystemExit(1)
    with open(init["application"], "rb") as file:
        file.seek(0)
        application = __import__("json").loads(file.read().decode("utf-8"))
    sys.argv[:] = ["unit"]
    # The interpreter put the directory of "-c" there.
    sys.path[:] = [entry for entry in sys.path if entry]
    os.environ.update(application.get("environment", {}))
    if application.get("protocol") == "asgi":
        # Shared by all workers instead of loaded by each.
        importlib.import_module("asyncio")
    prototype = Prototype(init, application)
    prototype.prepare()
    wanted = application.get("type", "")[len("python"):].strip()
    if wanted and not ("%d.%d.%d." % sys.version_info[:3]).startswith(wanted + "."):
        prototype.log("warn", '"home" has Python %d.%d.%d, and that runs the application of type "%s"'
                      % (sys.version_info[:3] + (application["type"],)))
    # What exists now is shared with the workers until they write to it; the
    # collector would write to all of it.
    gc.collect()
    gc.freeze()
    worker = prototype.run()
    if worker is not None:
        try:
            worker.run()
        finally:
            # At its end the interpreter gives every handled signal its
            # default action back: a repeated order would then be a crash.
            signal.signal(WAKE, signal.SIG_IGN)


start(INIT)
