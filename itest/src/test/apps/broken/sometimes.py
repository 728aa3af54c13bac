# SPDX-License-Identifier: Apache-2.0
"""Hangs at import as long as the file named in HANG exists."""
import os
import time

while os.path.exists(os.environ["HANG"]):
    time.sleep(60)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Pid", str(os.getpid()))])
    return [b"ready\n"]
