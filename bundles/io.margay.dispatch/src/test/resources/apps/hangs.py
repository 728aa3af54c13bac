# SPDX-License-Identifier: Apache-2.0
import time

time.sleep(2)


def never(environ, start_response):
    start_response("200 OK", [])
    return []
