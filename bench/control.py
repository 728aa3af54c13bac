#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the control API costs: times of requests on its unix socket, CPU of each process, memory, and what changes do
to requests that do not concern them.

    bench/control.py [--dist target/margay] [--rounds 40] [--parts times,memory,changes] [--memory-puts 10000]

"disk" keeps the state on the file system of TMPDIR, "memory" in /dev/shm, where fsync costs nothing: the difference is
the time of the disk. Times are those of the client, connect to the end of the reply, in milliseconds; CPU is what a
process used (user and system) divided by the requests. A PUT sends another configuration each time, so that nothing
can be left out because nothing changed.
"""
import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
HERE = os.path.dirname(os.path.abspath(__file__))
ROLES = ("controller", "router", "main")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server with private files; ended by `with`."""

    def __init__(self, dist, base):
        self.dir = tempfile.mkdtemp(prefix="margay-control-", dir=base)
        os.chmod(self.dir, 0o755)
        os.makedirs(self.dir + "/state")
        os.makedirs(self.dir + "/tmp")
        os.chmod(self.dir + "/tmp", 0o1777)
        self.control = self.dir + "/control.sock"
        self.port = free_port()
        out = open(self.dir + "/out", "wb")
        self.proc = subprocess.Popen(
            [os.path.join(dist, "bin/unitd"), "--no-daemon", "--control", "unix:" + self.control, "--pid",
             self.dir + "/unit.pid", "--log", self.dir + "/unit.log", "--statedir", self.dir + "/state", "--tmpdir",
             self.dir + "/tmp"], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        end = time.monotonic() + 30
        while True:
            try:
                self.ask("GET", "/config")
                break
            except OSError:
                if time.monotonic() > end or self.proc.poll() is not None:
                    raise
                time.sleep(0.05)
        self.pids = self.find()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proc.terminate()
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def find(self):
        with open(self.dir + "/unit.pid") as file:
            main = int(file.read())
        pids = {"main": main}
        with open(f"/proc/{main}/task/{main}/children") as file:
            children = file.read().split()
        for task in os.listdir(f"/proc/{main}/task"):
            with open(f"/proc/{main}/task/{task}/children") as file:
                children += file.read().split()
        for pid in set(children):
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                title = file.read().split(b"\0")[0].decode()
            for role in ROLES:
                if title == "unit: " + role:
                    pids[role] = int(pid)
        return pids

    def ask(self, method, path, body=b"", seconds=60):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(seconds)
            client.connect(self.control)
            client.sendall(b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                           % (method.encode(), path.encode(), len(body)) + body)
            pieces = []
            while data := client.recv(1 << 20):
                pieces.append(data)
        answer = b"".join(pieces)
        return int(answer[9:12]), answer

    def cpu(self):
        used = {}
        for role, pid in self.pids.items():
            with open(f"/proc/{pid}/stat") as stat:
                text = stat.read()
            fields = text[text.rfind(")") + 2:].split()
            used[role] = (int(fields[11]) + int(fields[12])) / TICK
        return used


def config(port, routes, turn):
    steps = [{"match": {"uri": f"/r{i}/*"}, "action": {"return": 200, "location": f"/{turn}"}} for i in range(routes)]
    steps.append({"action": {"return": 200 + turn % 100}})
    return {"listeners": {f"127.0.0.1:{port}": {"pass": "routes"}}, "routes": steps, "applications": {}}


def measure(server, requests):
    before, took = server.cpu(), []
    for method, path, body in requests:
        start = time.perf_counter()
        status, answer = server.ask(method, path, body)
        took.append((time.perf_counter() - start) * 1000)
        if status != 200:
            raise SystemExit(f"{method} {path}: {answer[:2000].decode(errors='replace')}")
    after = server.cpu()
    cpu = {role: (after[role] - before[role]) * 1000 / len(took) for role in ROLES}
    return took, cpu


def put(server, routes, turn):
    return "PUT", "/config", json.dumps(config(server.port, routes, turn)).encode()


def rows(server, rounds):
    """Name, aim in ms or None, a function that gives the requests of n rounds."""
    port = server.port
    few = max(8, rounds // 4)
    yield "PUT small", 3, rounds * 4, lambda n: [put(server, 0, i) for i in range(n)]
    yield "GET small", 1, rounds * 10, lambda n: [("GET", "/config", b"")] * n
    yield ("PUT one value", 3, rounds * 4,
           lambda n: [("PUT", "/config/routes/0/action/return", b"%d" % (200 + i % 100)) for i in range(n)])
    yield "PUT 1,000 routes", 15, rounds, lambda n: [put(server, 1000, i) for i in range(n)]
    yield "GET a listener of it", 1, rounds * 4, lambda n: [("GET", f"/config/listeners/127.0.0.1:{port}", b"")] * n
    yield "PUT 10,000 routes", 150, few, lambda n: [put(server, 10000, i) for i in range(n)]
    yield "GET 10,000 routes", None, few, lambda n: [("GET", "/config", b"")] * n
    yield ("PUT one value of it", None, few,
           lambda n: [("PUT", "/config/routes/5000/action/return", b"%d" % (200 + i % 100)) for i in range(n)])


def times(dist, rounds):
    print(f"{'request':22}{'state':8}{'median ms':>10}{'p90':>8}{'max':>8}{'aim':>7}"
          + "".join(f"{'CPU ' + role:>16}" for role in ROLES))
    for name, base in (("disk", None), ("memory", "/dev/shm")):
        with Server(dist, base) as server:
            for label, aim, count, requests in rows(server, rounds):
                measure(server, requests(max(4, count)))
                took, cpu = measure(server, requests(count))
                print(f"{label:22}{name:8}{statistics.median(took):10.2f}"
                      f"{sorted(took)[int(len(took) * 0.9)]:8.2f}{max(took):8.1f}{aim if aim else '':>7}"
                      + "".join(f"{cpu[role]:16.2f}" for role in ROLES), flush=True)


def heap_kilobytes(pid):
    """Live heap of a JVM after a collection, in KB, and its PSS."""
    subprocess.run(["jcmd", str(pid), "GC.run"], capture_output=True, check=True)
    out = subprocess.run(["jcmd", str(pid), "GC.heap_info"], capture_output=True, text=True, check=True).stdout
    used = sum(int(k) for k in re.findall(r"total \d+K, used (\d+)K", out))
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return used, int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.M).group(1))


def memory(dist, puts):
    with Server(dist, None) as server:
        big = config(server.port, 1, 0)
        big["settings"] = {"http": {"static": {"mime_types": {
            "text/x-%05d" % i: [".%05d-%s" % (i, "x" * 80)] for i in range(10000)}}}}
        good = [json.dumps({**big, "routes": [{"action": {"return": 200 + i}}]}).encode() for i in (0, 1)]
        bad = [good[0][:-1], good[0].replace(b'"return"', b'"retrun"', 1), b"[" * 1000000]
        print(f"{'memory':34}{'controller heap KB':>20}{'PSS KB':>10}{'router heap KB':>18}{'PSS KB':>10}"
              f"{'seconds':>10}")

        def line(label, start):
            now = server.find()
            if now != server.pids:
                raise SystemExit(f"a process ended: {server.pids} became {now}")
            c, r = heap_kilobytes(now["controller"]), heap_kilobytes(now["router"])
            print(f"{label:34}{c[0]:20}{c[1]:10}{r[0]:18}{r[1]:10}{time.monotonic() - start:10.1f}", flush=True)

        measure(server, [("PUT", "/config", good[0])])
        line("1 PUT of %d bytes" % len(good[0]), time.monotonic())
        for label, bodies, expected in (("good", good, 200), ("broken", bad, 400)):
            start = time.monotonic()
            for i in range(puts):
                status, answer = server.ask("PUT", "/config", bodies[i % len(bodies)])
                if status != expected:
                    raise SystemExit(f"{label}: {answer[:2000].decode(errors='replace')}")
                if i + 1 in (puts // 10, puts):
                    line(f"{i + 1} {label} PUTs", start)


def wrk(port, seconds):
    out = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}/"],
                         capture_output=True, text=True, check=True).stdout
    ms = {}
    for percent, value, unit in re.findall(r"^\s+(50|90|99)%\s+([\d.]+)(us|ms|s)", out, re.M):
        ms[percent] = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    failed = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", out))
    failed += int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), ms, failed


def changes(dist, seconds, rounds=5):
    """A listener under load, while ten times a second another one gets another route."""
    with Server(dist, None) as server:
        other = free_port()
        conf = {"listeners": {f"127.0.0.1:{server.port}": {"pass": "routes/steady"},
                              f"127.0.0.1:{other}": {"pass": "routes/changing"}},
                "routes": {"steady": [{"action": {"return": 200}}], "changing": [{"action": {"return": 200}}]}}
        measure(server, [("PUT", "/config", json.dumps(conf).encode())])
        wrk(server.port, 3)
        print(f"{'changes a second':20}{'requests/s':>12}{'p50 ms':>10}{'p90':>8}{'p99':>8}{'failed':>8}{'changes':>9}")
        found = {0: [], 10: []}
        for _ in range(rounds):
            for rate in found:
                done, stop = [], threading.Event()

                def change():
                    start, i = time.monotonic(), 0
                    while not stop.wait(max(0, start + i / 10 - time.monotonic())):
                        i += 1
                        status, answer = server.ask("PUT", "/config/routes/changing/0/action/return",
                                                    b"%d" % (200 + i % 100))
                        done.append(status)
                        if status != 200:
                            print(answer.decode())
                thread = threading.Thread(target=change)
                if rate:
                    thread.start()
                result = wrk(server.port, seconds)
                stop.set()
                if rate:
                    thread.join()
                found[rate].append((*result, len(done)))
        for rate, results in found.items():
            print(f"{rate:<20}{statistics.median(r[0] for r in results):12.0f}"
                  + f"{statistics.median(r[1]['50'] for r in results):10.3f}"
                  + "".join(f"{statistics.median(r[1][p] for r in results):8.3f}" for p in ("90", "99"))
                  + f"{sum(r[2] for r in results):8}{sum(r[3] for r in results):9}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dist", default=os.path.join(HERE, "../target/margay"))
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--parts", default="times,memory,changes")
    parser.add_argument("--memory-puts", type=int, default=10000)
    parser.add_argument("--seconds", type=int, default=5)
    args = parser.parse_args()
    parts = args.parts.split(",")
    if "times" in parts:
        times(args.dist, args.rounds)
    if "changes" in parts:
        changes(args.dist, args.seconds)
    if "memory" in parts:
        memory(args.dist, args.memory_puts)


if __name__ == "__main__":
    main()
