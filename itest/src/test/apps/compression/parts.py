# What is coded on its way: answers as the path tells.
import hashlib
import os

WORDS = b"the quick brown fox jumps over the lazy dog 0123456789\n"
PART = WORDS * 1190


def application(environ, start_response):
    path = environ["PATH_INFO"]
    fields = [("Content-Type", "text/plain; charset=utf-8"), ("ETag", '"own"')]
    if path == "/small":
        body = WORDS * 190
        fields.append(("Content-Length", str(len(body))))
        start_response("200 OK", fields)
        return [body]
    if path == "/flush":
        return flush(start_response, fields)
    count = int(path[1:])
    start_response("200 OK", fields)
    return big(count)


def flush(start_response, fields):
    write = start_response("200 OK", fields)
    write(b"first\n")
    # Ends only when somebody has read the first part and says so.
    with open(os.path.join(os.path.dirname(__file__), "go")) as go:
        go.read()
    return [b"last\n"]


def big(count):
    """Megabytes, nearly, each with a line of its own; the last part is the digest of all before."""
    digest = hashlib.sha256()
    for i in range(count * 16):
        part = b"%d\n" % i + PART
        digest.update(part)
        yield part
    yield digest.hexdigest().encode()
