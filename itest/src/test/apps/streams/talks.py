import sys


def application(environ, start_response):
    print("out " + environ["QUERY_STRING"], flush=True)
    print("err " + environ["QUERY_STRING"], file=sys.stderr, flush=True)
    start_response("200 OK", [("Content-Length", "0")])
    return []
