# SPDX-License-Identifier: Apache-2.0
"""Ends for no signal that a process may ignore, and sleeps when asked to."""

import signal
import time

for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, signal.SIG_IGN)


def application(environ, start_response):
    if environ["PATH_INFO"] == "/sleep":
        time.sleep(600)
    start_response("200 OK", [("Content-Length", "0")])
    return []
