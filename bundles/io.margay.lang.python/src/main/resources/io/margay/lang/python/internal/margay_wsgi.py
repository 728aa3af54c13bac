# SPDX-License-Identifier: Apache-2.0
"""What a WSGI application is given and what it may answer (PEP 3333)."""
import functools
import gc
import importlib
import inspect
import io
import itertools
import mmap
import threading
import traceback
import types

_Thread = threading.Thread
_Lock = threading.Lock
_thread_kill = signal.pthread_kill

# Message header, then flags, target, pad, head length, inline body length,
# content length.
REQUEST = struct.Struct("=IiHBBBBBxBBHIIQ")
REQUEST_SIZE = REQUEST.size
# Stream, loop, flags, target and head length alone; stream, pid and type of a
# last part.
_TAKEN = struct.Struct("=I4xH6xBB2xI12x")
_LAST = struct.Struct("=Ii2xBB4x")
FLAG_TLS = 1
FLAG_BODY_FD = 2
FLAG_WEBSOCKET = 4
# Interim responses may come before the response, and fields behind its body.
FLAG_MORE = 8
BODY_ROOM = MAX_MESSAGE - HEADER_SIZE
SLOT_WORDS = 16
SLOT_STREAM = 0
SLOT_LOOP = 1
SLOT_COUNT = 2
# Requests of a context that works on many at a time.
SLOT_ACTIVE = 3
# Behind the slots: requests that nobody waits for any more, as pairs of stream
# and loop, then a word that is not 0 once there was one.
CANCELS = 4096 * SLOT_WORDS
CANCELLED = CANCELS + 4096 * 2
# Distinct status strings worth remembering; applications use a handful.
MAX_STATUSES = 256
# Header fields repeat as well; the memory is bounded by starting over.
MAX_LINES = 1024
MAX_LINE = 256
# So do whole heads of responses, and the keys of requests.
MAX_HEADS = 256
MAX_HEAD = 1024
MAX_KEYS = 256
MAX_KEYS_SIZE = 4096


class Keys(dict):
    """What is made of the keys of requests, which clients send again and again."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, text):
        keys = self.make(text.decode("latin-1").split("\0"))
        if len(text) <= MAX_KEYS_SIZE:
            if len(self) >= MAX_KEYS:
                self.clear()
            self[text] = keys
        return keys


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
    if ":" in name:
        # It would end there.
        raise ValueError("header #%d name contains a colon" % index)
    value = _field_text(header[1], index, "value")
    if name.lower() == "content-length":
        # One spelling, so that start_response() finds it by one search.
        name = "Content-Length"
        value = value.strip()
    return (name + ": " + value + "\r\n").encode("latin-1")
