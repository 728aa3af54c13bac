#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Margay beside Debian's nginx and gunicorn, in one run on this machine.

    bench/compare.py [--dist target/margay] [--seconds 5] [--rounds 3] [--conns 64]

The servers stand side by side, every round asks each of them in turn, and the table shows the medians and
their ratios: on a shared machine a ratio of one run means something, a number of one day does not. "CPU" is
what all processes of a server used (user and system) divided by the requests answered.
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
import time

TICK = os.sysconf("SC_CLK_TCK")
HERE = os.path.dirname(os.path.abspath(__file__))
HELLO = '''BODY = b"Hello, WSGI\\n"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
'''


def descendants(root):
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    text = stat.read()
            except OSError:
                continue
            fields = text[text.rfind(")") + 2:].split()
            parents.setdefault(int(fields[1]), []).append(int(name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += parents.get(pid, [])
    return found


def cpu_seconds(root):
    total = 0
    for pid in descendants(root):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                text = stat.read()
        except OSError:
            continue
        fields = text[text.rfind(")") + 2:].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def pss_megabytes(root):
    total = 0
    for pid in descendants(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.M).group(1))
        except (OSError, AttributeError):
            continue
    return total / 1024


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port} after {seconds} s")


class Servers:
    """The three servers, each of them with its ports; closed by `with`."""

    def __init__(self, dist):
        self.dir = tempfile.mkdtemp(prefix="margay-bench-")
        os.chmod(self.dir, 0o755)
        self.procs = {}
        os.makedirs(self.dir + "/www")
        with open(self.dir + "/www/1k.bin", "wb") as file:
            file.write(os.urandom(1024))
        with open(self.dir + "/hello.py", "w") as file:
            file.write(HELLO)
        os.chmod(self.dir + "/www", 0o755)
        self.ports = {k: free_port() for k in ("margay", "margay-wsgi", "nginx", "gunicorn")}
        self.margay(dist)
        if shutil.which("nginx"):
            self.nginx()
        if os.path.exists("/usr/bin/gunicorn"):
            self.gunicorn()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for proc in self.procs.values():
            proc.terminate()
        for proc in self.procs.values():
            try:
                proc.wait(10)
            except subprocess.TimeoutExpired:
                proc.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, name, argv):
        log = open(f"{self.dir}/{name}.out", "wb")
        self.procs[name] = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir)

    def margay(self, dist):
        control = self.dir + "/control.sock"
        os.makedirs(self.dir + "/state")
        os.makedirs(self.dir + "/tmp")
        os.chmod(self.dir + "/tmp", 0o1777)
        self.start("margay", [
            os.path.join(dist, "bin/unitd"), "--no-daemon", "--control", "unix:" + control, "--pid",
            self.dir + "/unit.pid", "--log", self.dir + "/unit.log", "--statedir", self.dir + "/state",
            "--tmpdir", self.dir + "/tmp"])
        conf = {
            "listeners": {f"127.0.0.1:{self.ports['margay']}": {"pass": "routes"},
                          f"127.0.0.1:{self.ports['margay-wsgi']}": {"pass": "applications/hello"}},
            "routes": [{"match": {"uri": "/1k.bin"}, "action": {"share": self.dir + "/www$uri"}},
                       {"action": {"return": 200}}],
            "applications": {"hello": {"type": "python", "path": self.dir, "module": "hello", "processes": 2}},
        }
        body = json.dumps(conf).encode()
        end = time.monotonic() + 20
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(20)
                    client.connect(control)
                    client.sendall(b"PUT /config HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                                   % (len(body), body))
                    answer = b""
                    while data := client.recv(65536):
                        answer += data
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise SystemExit(answer.decode())
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        await_port(self.ports["margay"])

    def nginx(self):
        with open(self.dir + "/nginx.conf", "w") as file:
            file.write(f"""daemon off; worker_processes 2; pid {self.dir}/nginx.pid; error_log {self.dir}/nginx.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; sendfile on; types {{}} default_type text/plain;
  client_body_temp_path {self.dir}/b; proxy_temp_path {self.dir}/p; fastcgi_temp_path {self.dir}/f;
  uwsgi_temp_path {self.dir}/u; scgi_temp_path {self.dir}/s;
  server {{ listen 127.0.0.1:{self.ports['nginx']}; root {self.dir}/www;
    location = / {{ return 200; }} location / {{ }} }} }}
""")
        self.start("nginx", ["nginx", "-c", self.dir + "/nginx.conf", "-p", self.dir, "-e", self.dir + "/nginx.err"])
        await_port(self.ports["nginx"])

    def gunicorn(self):
        self.start("gunicorn", ["/usr/bin/gunicorn", "-w", "2", "-b", f"127.0.0.1:{self.ports['gunicorn']}",
                                "--keep-alive", "75", "hello:application"])
        await_port(self.ports["gunicorn"])


def load(root, url, conns, seconds, close):
    argv = ["wrk", "-t1", f"-c{conns}", f"-d{seconds}s", "--timeout", "10s"]
    if close:
        argv += ["-H", "Connection: close"]
    before = cpu_seconds(root)
    out = subprocess.run(argv + [url], capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(root) - before
    count = int(re.search(r"(\d+) requests in", out).group(1))
    failed = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", out))
    failed += int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
    return count / seconds, used / max(1, count) * 1e6, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dist", default=os.path.join(HERE, "../target/margay"))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--conns", type=int, default=64)
    args = parser.parse_args()
    with Servers(args.dist) as servers:
        def url(key, path="/"):
            return f"http://127.0.0.1:{servers.ports[key]}{path}"
        cases = [
            ("`return 200`, keep-alive", False, {"margay": url("margay"), "nginx": url("nginx")}),
            ("`return 200`, new connection each", True, {"margay": url("margay"), "nginx": url("nginx")}),
            ("1 KiB static file", False, {"margay": url("margay", "/1k.bin"), "nginx": url("nginx", "/1k.bin")}),
            ("WSGI hello, 2 processes", False, {"margay": url("margay-wsgi"), "gunicorn": url("gunicorn")}),
        ]
        print("| Case | Margay req/s | Margay CPU µs | Peer | Peer req/s | Peer CPU µs | Ratio req/s | Failed |")
        print("|---|---:|---:|---|---:|---:|---:|---:|")
        for name, close, urls in cases:
            results = {peer: [] for peer in urls if peer in servers.procs}
            for peer in results:
                load(servers.procs[peer].pid, urls[peer], args.conns, 2, close)
            for _ in range(args.rounds):
                for peer in results:
                    results[peer].append(load(servers.procs[peer].pid, urls[peer], args.conns, args.seconds, close))
            mine = [statistics.median(column) for column in list(zip(*results["margay"]))[:2]]
            failed = sum(row[2] for row in results["margay"])
            for peer in [p for p in results if p != "margay"] or ["-"]:
                theirs = ([statistics.median(c) for c in list(zip(*results[peer]))[:2]] if peer in results
                          else [float("nan")] * 2)
                print(f"| {name} | {mine[0]:,.0f} | {mine[1]:.1f} | {peer} | {theirs[0]:,.0f} | {theirs[1]:.1f} "
                      f"| {mine[0] / theirs[0]:.2f} | {failed} |", flush=True)
        print()
        for peer, proc in servers.procs.items():
            print(f"Memory after the load, PSS of all processes: {peer} {pss_megabytes(proc.pid):.0f} MB")


if __name__ == "__main__":
    main()
