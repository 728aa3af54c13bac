# SPDX-License-Identifier: Apache-2.0
"""The application of `./margay demo`: greets, and shows what the server told it of the request."""


def application(environ, start_response):
    lines = ["Hello from Margay.", ""]
    for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "SERVER_PROTOCOL"):
        lines.append("%s: %s" % (name, environ.get(name, "")))
    body = ("\n".join(lines) + "\n").encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
