#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What many clients at once, and very large files, cost a Margay.

    bench/crowd.py [--dist target/margay] [--idle 10000] [--uploads 500] [--gigabytes 10] [--seconds 8]

Needs wrk, and curl for the file. Idle connections have had one answer each and wait for their next request; what they
cost is what all processes of the server grew by. Slow clients send a body of a kilobyte a second each, while others ask
as fast as they can: what those see of it is the ratio of their percentiles. The file is sparse; memory is that of the
router which no file stands behind.
"""
import argparse
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import compare

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"


class Server:
    """One that answers 200, and has the file; closed by `with`."""

    def __init__(self, dist, gigabytes):
        self.dir = tempfile.mkdtemp(prefix="margay-bench-")
        os.chmod(self.dir, 0o755)
        self.port = compare.free_port()
        base = self.dir + "/server"
        os.mkdir(base)
        self.proc = subprocess.Popen(compare.margay_command(dist, base), stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.mkdir(self.dir + "/www")
        with open(self.dir + "/www/large", "wb") as file:
            file.truncate(gigabytes << 30)
        conf = {"listeners": {f"127.0.0.1:{self.port}": {"pass": "routes"}},
                "routes": [{"match": {"uri": "/large"}, "action": {"share": self.dir + "/www$uri"}},
                           {"action": {"return": 200}}],
                "settings": {"http": {"idle_timeout": 600, "max_body_size": 2_000_000}}}
        answer = compare.insist(lambda: compare.ask(base + "/control.sock", "PUT", "/config",
                                                    json.dumps(conf).encode()))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer.decode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proc.terminate()
        self.proc.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 10)

    def anonymous(self):
        """Megabytes of all processes that no file stands behind."""
        total = 0
        for pid in compare.descendants(self.proc.pid):
            with open(f"/proc/{pid}/status") as status:
                total += int(re.search(r"^RssAnon:\s+(\d+)", status.read(), re.M).group(1))
        return total / 1024


def ask_all(server, clients):
    for client in clients:
        client.sendall(GET)
        if not client.recv(4096).startswith(b"HTTP/1.1 200"):
            raise SystemExit("no answer")


def idle(server, count):
    """KiB for each connection that waits, of a server that has had as many once."""
    for _ in range(2):
        before = compare.pss_megabytes(server.proc.pid)
        clients = [server.connect() for _ in range(count)]
        ask_all(server, clients)
        time.sleep(2)
        grown = compare.pss_megabytes(server.proc.pid) - before
        print(f"| {count:,} idle connections: KiB each | {grown * 1024 / count:.1f} |", flush=True)
        for client in clients:
            client.close()
        time.sleep(3)


def percentiles(server, seconds):
    out = subprocess.run(["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{server.port}/"],
                         capture_output=True, text=True, check=True).stdout
    unit = {"us": 1e-3, "ms": 1, "s": 1e3}
    found = {p: float(n) * unit[u] for p, n, u in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", out)}
    return found["50"], found["99"]


def uploads(server, count, seconds):
    percentiles(server, seconds)
    alone = percentiles(server, seconds)
    clients = [server.connect() for _ in range(count)]
    for client in clients:
        client.sendall(POST)
    ends = threading.Event()

    def send():
        while True:
            for client in clients:
                if ends.wait(1 / count):
                    return
                client.sendall(b"x" * 1000)
    sender = threading.Thread(target=send)
    sender.start()
    # Each begins with a file for its body; wrk would count the moment in which all of them do as if it were often.
    time.sleep(3)
    beside = percentiles(server, seconds)
    ends.set()
    sender.join()
    for client in clients:
        client.close()
    for name, quiet, busy in zip(("median", "p99"), alone, beside):
        print(f"| {count} clients send 1 KB/s: {name} of others, ms (alone {quiet:.3f}) | {busy:.3f} |", flush=True)


def large(server, gigabytes):
    before = server.anonymous()
    begin = time.monotonic()
    client = subprocess.Popen(["curl", "-s", "-o", "/dev/null", "-w", "%{size_download}",
                               f"http://127.0.0.1:{server.port}/large"], stdout=subprocess.PIPE, text=True)
    most = before
    while client.poll() is None:
        most = max(most, server.anonymous())
        time.sleep(0.2)
    size = int(client.stdout.read())
    if size != gigabytes << 30:
        raise SystemExit(f"{size} bytes came")
    print(f"| a file of {gigabytes} GiB in {time.monotonic() - begin:.1f} s: MiB of memory more | "
          f"{most - before:.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dist", default=os.path.join(compare.HERE, "../target/margay"))
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--uploads", type=int, default=500)
    parser.add_argument("--gigabytes", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=8)
    args = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < args.idle + 1024:
        raise SystemExit(f"{hard} descriptors are too few for {args.idle} connections; see ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print("| What | Margay |")
    print("|---|---:|", flush=True)
    with Server(os.path.abspath(args.dist), args.gigabytes) as server:
        idle(server, args.idle)
        uploads(server, args.uploads, args.seconds)
        large(server, args.gigabytes)


if __name__ == "__main__":
    main()
