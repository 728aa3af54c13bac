# SPDX-License-Identifier: Apache-2.0
"""The Flask application of the end-to-end tests: Debian's python3-flask, nothing else."""
import hashlib
import os
import time

from flask import Flask, Response, abort, request

app = Flask(__name__)
BLOCK = bytes(range(256)) * 256


@app.get("/")
def index():
    return {"pid": os.getpid(), "ppid": os.getppid(), "generation": os.environ.get("GENERATION", "")}


@app.get("/slow/<int:millis>")
def slow(millis):
    time.sleep(millis / 1000)
    return "slow\n"


@app.get("/hold/<int:millis>")
def hold(millis):
    """Says by a file that it has begun."""
    with open(request.args["begun"], "w"):
        time.sleep(millis / 1000)
    return "held\n"


@app.post("/sum")
def checksum():
    digest, size = hashlib.sha256(), 0
    while chunk := request.stream.read(1 << 16):
        digest.update(chunk)
        size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


@app.get("/download/<int:blocks>")
def download(blocks):
    def body():
        for _ in range(blocks):
            yield BLOCK
    return Response(body(), mimetype="application/octet-stream")


@app.get("/boom")
def boom():
    raise RuntimeError("boom from the test application")


@app.get("/teapot")
def teapot():
    abort(418)


@app.get("/die")
def die():
    os._exit(7)
