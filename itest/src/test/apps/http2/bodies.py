import hashlib

BLOCK = bytes(range(256)) * 256


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/sum":
        digest = hashlib.sha256()
        for part in iter(lambda: environ["wsgi.input"].read(65536), b""):
            digest.update(part)
        body = [digest.hexdigest().encode()]
    elif path == "/blocks":
        body = (BLOCK for _ in range(int(environ["QUERY_STRING"])))
    else:
        names = ("SERVER_PROTOCOL", "REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST", "HTTP_COOKIE", "QUERY_STRING")
        body = [" ".join(environ.get(name, "-") for name in names).encode()]
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Upper-Case", "Yes")])
    return body
