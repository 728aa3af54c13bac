# SPDX-License-Identifier: Apache-2.0
"""Answers with the size of the body, and writes down what was asked for."""


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    print(environ["REQUEST_METHOD"], environ["REQUEST_URI"], len(body), flush=True)
    answer = b"%d" % len(body)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
