# SPDX-License-Identifier: Apache-2.0
import os
import time

while os.path.exists(os.environ["HANG"]):
    time.sleep(60)


def application(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
