# SPDX-License-Identifier: Apache-2.0
"""What an ASGI application is told of a request, and the fields that it gives."""

_ASGI = {"version": "3.0", "spec_version": "2.1"}


def _lower(key):
    """The name of a header field by the one that CGI gives it."""
    if key.startswith("HTTP_"):
        key = key[5:]
    elif key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return b""
    return key.replace("_", "-").lower().encode("latin-1")


_keys = Keys(lambda keys: (keys, [_lower(key) for key in keys]))


def raw_head(head):
    """A head in the form that is made for ASGI: eight values, then names and
    values of the fields, each as the client sent it but for the case of the
    names.  Gives target, path, query, method, version, the three addresses and
    the fields."""
    parts = head.split(b"\0")
    method, target, path, query, version, remote, local, port = parts[1:9]
    fields = iter(parts[9:])
    return (method.decode("latin-1"), target, path, query, version.decode("latin-1"),
            remote.decode("latin-1"), local.decode("latin-1"), port, tuple(zip(fields, fields)))


def cgi_head(head):
    """The same of a head that was made while nobody knew that the application
    is one for ASGI."""
    names, _, values = head.partition(b"\0\0")
    values = values.split(b"\0")
    keys, fields = _keys[names]
    environ = dict(zip(keys, values))
    if len(values) > len(keys):
        # The client sent something that CGI cannot tell.
        parts = iter(values[-1].split(b"\n"))
        headers = tuple(zip(parts, parts))
    else:
        headers = tuple([(name, value) for name, value in zip(fields, values) if name])
    return (environ["REQUEST_METHOD"].decode("latin-1"), environ["REQUEST_URI"], environ["PATH_INFO"],
            environ["QUERY_STRING"], environ["SERVER_PROTOCOL"].decode("latin-1"),
            environ["REMOTE_ADDR"].decode("latin-1"), environ["SERVER_ADDR"].decode("latin-1"),
            environ["SERVER_PORT"], headers)


def address(text, port):
    """An address of the scope; those of Unix sockets have no port."""
    if text.startswith("unix:"):
        return text[5:], None
    return text, port


def http_scope(head, flags, prefix, state):
    """The scope of a request."""
    method, target, path, query, version, remote, local, port, headers = (
        raw_head(head) if head[:1] == b"\0" else cgi_head(head))
    text = path.decode("utf-8", "replace")
    scope = {
        "type": "http",
        "asgi": _ASGI.copy(),
        "http_version": version[5:],
        "scheme": "https" if flags & FLAG_TLS else "http",
        "method": method,
        "path": text,
        "raw_path": target.partition(b"?")[0],
        "query_string": query,
        "client": address(remote, 0),
        "server": address(local, int(port) if port else None),
        "headers": headers,
        "state": state.copy(),
        "extensions": {"http.response.pathsend": {}},
    }
    if flags & FLAG_MORE and version != "HTTP/1.0":
        scope["extensions"]["http.response.early_hint"] = {}
        scope["extensions"]["http.response.trailers"] = {}
    if prefix is not None and text.startswith(prefix) \
            and text[len(prefix):len(prefix) + 1] in ("", "/"):
        scope["root_path"] = prefix
    return scope


def _asgi_part(part, index, what):
    if isinstance(part, bytes):
        return part
    if isinstance(part, bytearray):
        return bytes(part)
    raise TypeError("'headers' item #%d '%s' is not a byte string" % (index, what))


def asgi_line(item, index):
    """The checked bytes of one header field, and its name."""
    try:
        name, value = item
    except (TypeError, ValueError):
        raise TypeError("'headers' item #%d is not an iterable" % index) from None
    name = _asgi_part(name, index, "name")
    value = _asgi_part(value, index, "value")
    if b":" in name:
        # It would end there.
        raise ValueError("'headers' item #%d 'name' contains a colon" % index)
    line = b"%b: %b\r\n" % (name, value)
    if line.count(b"\n") != 1 or line.count(b"\r") != 1 or b"\0" in line:
        raise ValueError("'headers' item #%d contains a control character" % index)
    return line, name.lower() == b"content-length"


def asgi_length(line):
    """The number of a Content-Length line."""
    text = line.partition(b":")[2].strip()
    if not text.isdigit() or len(text) > 18:
        raise ValueError("Failed to parse Content-Length: '%s'" % text.decode("latin-1"))
    return int(text)
