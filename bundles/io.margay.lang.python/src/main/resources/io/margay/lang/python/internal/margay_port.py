# SPDX-License-Identifier: Apache-2.0
"""Messages, log lines and process titles of the Python runtime.

The runtime's files are joined in the order that Shim has and executed as one
module, read from an inherited descriptor: no file of the server has to exist
in the application's root.
"""
import array
import errno
import fcntl
import os
import select
import signal
import socket
import stat
import struct
import sys
import time

# Bound here, because an application may replace the attributes of the modules
# (gevent and eventlet do) and the runtime must keep the blocking originals.
_Socket = socket.socket
_socketpair = socket.socketpair
_poll = select.poll
_write = os.write
_strftime = time.strftime

HEADER = struct.Struct("=IiHBBBBBx")
HEADER_SIZE = HEADER.size
MAX_MESSAGE = 65536
# One descriptor fewer than the kernel's SCM_MAX_FD leaves no message on the edge.
MAX_FDS = 252

RPC_READY = 0
RPC_ERROR = 1
START_PROCESS = 2
CHANGE_FILE = 12
PROCESS_CREATED = 18
PROCESS_READY = 19
WHOAMI = 20
REMOVE_PID = 21
QUIT = 22
REQ_HEADERS = 23
REQ_HEADERS_ACK = 24
REQ_BODY = 25
WEBSOCKET = 26
DATA = 27
SHM_ACK = 31

# Tells a worker, which sleeps in recv() on the shared queue, to read its own
# control socket.  Not one of the signals that the server itself uses.
WAKE = signal.SIGRTMIN + 1

# TERM, INT and the like concern the server, which tells its children by
# messages; a terminal sends them to the whole process group.
BLOCKED = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP,
           signal.SIGUSR1, signal.SIGUSR2}


class Log:
    """Lines of the server's log format, each written by one write(2)."""

    def __init__(self, pid, mark=""):
        self.pid = pid
        self.mark = mark

    def __call__(self, level, text, stream=0):
        tag = "#%d: " % stream if stream else ""
        line = "%s [%s] %d#%d %s%s%s" % (
            _strftime("%Y/%m/%d %H:%M:%S"), level, self.pid, self.pid,
            self.mark, tag, text)
        data = line.replace("\n", " ").encode("utf-8", "replace")[:2047] + b"\n"
        try:
            _write(2, data)
        except OSError:
            # A log that cannot be written cannot be complained about either.
            pass


def adopt(number):
    """The socket of an inherited descriptor, which programs that the
    application starts must not inherit in turn."""
    os.set_inheritable(number, False)
    sock = _Socket(fileno=number)
    sock.settimeout(None)
    return sock


def send(sock, kind, stream=0, payload=b"", fds=(), last=1, pid=None):
    """Sends one message; waits when the peer's queue is full."""
    data = HEADER.pack(stream, os.getpid() if pid is None else pid, 0, kind, last, 0, 0, 0) + payload
    rights = []
    if fds:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
    while True:
        try:
            sock.sendmsg([data], rights, socket.MSG_NOSIGNAL)
            return
        except BlockingIOError:
            # The other side may have made the shared description non-blocking.
            poll = _poll()
            poll.register(sock, select.POLLOUT)
            poll.poll(1000)


def receive(sock, size=16384, flags=0):
    """One message as (stream, kind, payload, fds); None at the end of the
    stream.  The kind of what is no message is -1.  Received descriptors are
    close-on-exec."""
    data, controls, _, _ = sock.recvmsg(
        size, 4096, flags | socket.MSG_CMSG_CLOEXEC)
    fds = array.array("i")
    for level, kind, content in controls:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[:len(content) - len(content) % fds.itemsize])
    if len(data) < HEADER_SIZE:
        close_all(fds)
        return (0, -1, b"", []) if data else None
    stream, _, _, kind = HEADER.unpack_from(data)[:4]
    return stream, kind, data[HEADER_SIZE:], list(fds)


def close_all(fds):
    for fd in fds:
        os.close(fd)


def _title_area():
    # proc(5): fields 48 and 49, counted after the command name, which may
    # hold spaces and parentheses itself.
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return int(fields[45]), int(fields[46])


def set_title(title):
    """Overwrites the argument strings that ps(1) shows.

    The memory is the process's own, and after the exec that follows the
    change of credentials the process is dumpable again, so no privilege is
    needed.  Without /proc in the application's root the title stays."""
    text = title.encode("utf-8", "replace")
    try:
        start, end = _title_area()
        # The last byte stays NUL: another value there makes the kernel take
        # the environment for the continuation of the arguments.
        room = end - start - 1
        memory = os.open("/proc/self/mem", os.O_RDWR | os.O_CLOEXEC)
        try:
            os.pwrite(memory, text[:room].ljust(room + 1, b"\0"), start)
        finally:
            os.close(memory)
        comm = os.open("/proc/self/comm", os.O_WRONLY | os.O_CLOEXEC)
        try:
            _write(comm, text[:15])
        finally:
            os.close(comm)
    except (OSError, ValueError, IndexError):
        pass
