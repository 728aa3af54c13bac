#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Margay beside Debian's nginx and gunicorn, and beside another Margay, in one run on this machine.

    bench/compare.py [--dist target/margay] [--before /other/target/margay] [--seconds 5] [--rounds 3] [--conns 64]
                     [--only "proxy to"]

The servers stand side by side, every round asks each of them in turn, and the table shows the medians and
their ratios: on a shared machine a ratio of one run means something, a number of one day does not. "CPU" is
what all processes of a server used (user and system) divided by the requests answered. Below 1.00 a ratio of
CPU, time or memory says that this Margay needs less, above 1.00 one of requests a second that it answers more.
The start is measured with one server at a time, with nothing stored: from the command until the control socket
answers a request for the configuration, and until a first configuration is in force; PSS is that of all processes,
idle.
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


def ask(control, method="GET", path="/", body=b""):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(control)
        client.sendall(b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                       % (method.encode(), path.encode(), len(body), body))
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer


def insist(deed, seconds=120):
    end = time.monotonic() + seconds
    while True:
        try:
            return deed()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.005)


def margay_command(dist, base):
    os.makedirs(base + "/state")
    os.makedirs(base + "/tmp")
    os.chmod(base, 0o755)
    os.chmod(base + "/tmp", 0o1777)
    return [os.path.join(dist, "bin/unitd"), "--no-daemon", "--control", f"unix:{base}/control.sock", "--pid",
            base + "/unit.pid", "--log", base + "/unit.log", "--statedir", base + "/state", "--tmpdir", base + "/tmp"]


def start_and_memory(dist):
    """Seconds and CPU seconds until the control socket answers and until a configuration is in force; megabytes idle."""
    base = tempfile.mkdtemp(prefix="margay-bench-")
    conf = {"listeners": {f"127.0.0.1:{free_port()}": {"pass": "routes"}}, "routes": [{"action": {"return": 200}}]}
    try:
        command = margay_command(dist, base)
        begin = time.monotonic()
        proc = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        try:
            insist(lambda: ask(base + "/control.sock", path="/config"))
            rows = [time.monotonic() - begin, cpu_seconds(proc.pid)]
            answer = ask(base + "/control.sock", "PUT", "/config", json.dumps(conf).encode())
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(answer.decode())
            rows += [time.monotonic() - begin, cpu_seconds(proc.pid)]
            time.sleep(5)
            return rows + [pss_megabytes(proc.pid)]
        finally:
            proc.terminate()
            proc.wait(20)
    finally:
        shutil.rmtree(base, ignore_errors=True)


class Servers:
    """All servers, each of them with its ports; closed by `with`."""

    def __init__(self, dists):
        self.dir = tempfile.mkdtemp(prefix="margay-bench-")
        os.chmod(self.dir, 0o755)
        self.procs = {}
        os.makedirs(self.dir + "/www")
        with open(self.dir + "/www/1k.bin", "wb") as file:
            file.write(os.urandom(1024))
        with open(self.dir + "/www/10m.bin", "wb") as file:
            file.write(os.urandom(10 << 20))
        with open(self.dir + "/hello.py", "w") as file:
            file.write(HELLO)
        os.chmod(self.dir + "/www", 0o755)
        names = [name + kind for name in dists for kind in ("", "-wsgi", "-proxy")]
        names += ["nginx", "nginx-proxy", "gunicorn", "origin"]
        self.ports = {name: free_port() for name in names}
        try:
            for name, dist in dists.items():
                self.margay(name, dist)
            if shutil.which("nginx"):
                self.nginx()
                self.origin()
            if os.path.exists("/usr/bin/gunicorn"):
                self.gunicorn()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
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

    def margay(self, name, dist):
        base = f"{self.dir}/{name}"
        self.start(name, margay_command(dist, base))
        port, wsgi, proxy = (self.ports[name + kind] for kind in ("", "-wsgi", "-proxy"))
        conf = {
            "listeners": {f"127.0.0.1:{port}": {"pass": "routes"},
                          f"127.0.0.1:{proxy}": {"pass": "upstreams/origin"},
                          f"127.0.0.1:{wsgi}": {"pass": "applications/hello"}},
            "upstreams": {"origin": {"servers": {f"127.0.0.1:{self.ports['origin']}": {}}}},
            "routes": [{"match": {"uri": "/*.bin"}, "action": {"share": self.dir + "/www$uri"}},
                       {"action": {"return": 200}}],
            "applications": {"hello": {"type": "python", "path": self.dir, "module": "hello", "processes": 2}},
        }
        answer = insist(lambda: ask(base + "/control.sock", "PUT", "/config", json.dumps(conf).encode()))
        if b"upstreams" in answer and name != "margay":
            # One of before there were upstreams.
            del conf["listeners"][f"127.0.0.1:{proxy}"], conf["upstreams"]
            answer = ask(base + "/control.sock", "PUT", "/config", json.dumps(conf).encode())
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer.decode())
        await_port(port)

    def nginx(self):
        with open(self.dir + "/nginx.conf", "w") as file:
            file.write(f"""daemon off; worker_processes 2; pid {self.dir}/nginx.pid; error_log {self.dir}/nginx.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; sendfile on; types {{}} default_type text/plain;
  client_body_temp_path {self.dir}/b; proxy_temp_path {self.dir}/p; fastcgi_temp_path {self.dir}/f;
  uwsgi_temp_path {self.dir}/u; scgi_temp_path {self.dir}/s;
  server {{ listen 127.0.0.1:{self.ports['nginx']}; root {self.dir}/www;
    location = / {{ return 200; }} location / {{ }} }}
  upstream origin {{ server 127.0.0.1:{self.ports['origin']}; keepalive 128; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{self.ports['nginx-proxy']};
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }} }} }}
""")
        self.start("nginx", ["nginx", "-c", self.dir + "/nginx.conf", "-p", self.dir, "-e", self.dir + "/nginx.err"])
        await_port(self.ports["nginx"])

    def origin(self):
        """What the others forward to; its CPU is not counted."""
        with open(self.dir + "/origin.conf", "w") as file:
            file.write(f"""daemon off; worker_processes 1; pid {self.dir}/origin.pid; error_log {self.dir}/origin.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; types {{}} default_type text/plain;
  client_body_temp_path {self.dir}/ob; proxy_temp_path {self.dir}/op; fastcgi_temp_path {self.dir}/of;
  uwsgi_temp_path {self.dir}/ou; scgi_temp_path {self.dir}/os;
  server {{ listen 127.0.0.1:{self.ports['origin']}; root {self.dir}/www; }} }}
""")
        self.start("origin", ["nginx", "-c", self.dir + "/origin.conf", "-p", self.dir, "-e", self.dir + "/origin.err"])
        await_port(self.ports["origin"])

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


def middle(rows):
    return [statistics.median(column) for column in zip(*rows)]


def ratio(mine, theirs):
    return f"{mine / theirs:.2f}" if theirs else "-"


def row(what, other, mine, theirs, failed=0):
    values = f"{number(mine)} | {number(theirs)} | {ratio(mine, theirs)}"
    print(f"| {what} | {other} | {values} | {failed or ''} |", flush=True)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def measure(servers, names, args):
    """What each server needs for each case."""
    cases = [
        ("`return 200`, keep-alive", False, "", "/", ["nginx"]),
        ("`return 200`, new connection each", True, "", "/", ["nginx"]),
        ("1 KiB static file", False, "", "/1k.bin", ["nginx"]),
        ("10 MiB static file", False, "", "/10m.bin", ["nginx"]),
        ("proxy to a fast upstream, 1 KiB", False, "-proxy", "/1k.bin", ["nginx"]),
        ("WSGI hello, 2 processes", False, "-wsgi", "/", ["gunicorn"]),
    ]
    for case, close, kind, path, peers in cases:
        if args.only not in case or kind == "-proxy" and "origin" not in servers.procs:
            continue
        ports = {name: servers.ports[name + kind] for name in names}
        # A peer may have a port for the case alone.
        ports.update({peer: servers.ports.get(peer + kind, servers.ports[peer]) for peer in peers
                      if peer in servers.procs})
        urls = {name: f"http://127.0.0.1:{port}{path}" for name, port in ports.items()}
        results = {name: [] for name in urls}
        for name, url in urls.items():
            load(servers.procs[name].pid, url, args.conns, args.warm, close)
        for _ in range(args.rounds):
            for name, url in urls.items():
                results[name].append(load(servers.procs[name].pid, url, args.conns, args.seconds, close))
        mine = middle(results.pop("margay"))
        for name, rows in results.items():
            theirs = middle(rows)
            row(f"{case}: CPU a request, µs", name, mine[1], theirs[1])
            row(f"{case}: requests/s", name, mine[0], theirs[0], sum(one[2] for one in rows) + mine[2])
    mine = pss_megabytes(servers.procs["margay"].pid)
    for name in names[1:]:
        row("PSS of all processes after the load, MB", name, mine, pss_megabytes(servers.procs[name].pid))


def starts(dists, rounds):
    results = {name: [] for name in dists}
    for _ in range(rounds):
        for name, dist in dists.items():
            results[name].append(start_and_memory(dist))
    mine = middle(results["margay"])
    whats = ["Start to control socket, s", "Start to control socket, CPU s", "Start to first configuration, s",
             "Start to first configuration, CPU s", "PSS of all processes idle, MB"]
    for name in list(dists)[1:] or ["-"]:
        theirs = middle(results[name]) if name in results else [0] * len(whats)
        for what, one, other in zip(whats, mine, theirs):
            row(what, name, one, other)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dist", default=os.path.join(HERE, "../target/margay"))
    parser.add_argument("--before", help="another Margay to compare with")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--warm", type=int, default=20, help="seconds of load before a case is measured")
    parser.add_argument("--only", default="", help="cases whose names have this text; then no starts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--conns", type=int, default=64)
    args = parser.parse_args()
    dists = {"margay": os.path.abspath(args.dist)}
    if args.before:
        dists["before"] = os.path.abspath(args.before)
    print("| What | Against | Margay | The other | Margay / other | Failed |")
    print("|---|---|---:|---:|---:|---:|", flush=True)
    with Servers(dists) as servers:
        measure(servers, list(dists), args)
    if not args.only:
        starts(dists, args.rounds)


if __name__ == "__main__":
    main()
