#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Margay's languages beside Debian's servers for the same language, in one run on this machine.

    bench/languages.py [--dist target/margay] [--only asgi,perl] [--seconds 4] [--rounds 3] [--conns 64]

Each case is a hello application in two processes. The peers: gunicorn alone, and behind nginx uvicorn (with httptools
and uvloop), starman, puma, php-fpm, Tomcat 10 and Node's own server; one that is not installed is left out, and a line
says so. The servers answer in turns; "CPU" is what all processes of a server, its nginx included, used (user and
system) divided by the requests answered, "workers" the part of it that the application's processes used, "compilers"
what the JVMs still compiled. "Unit" is
what the C server of Unit 1.35 needed for the case on another machine, times what nginx's `return 200` needs here and
now divided by what it needed there.
"""
import argparse
import glob
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time

from compare import (ask, await_port, cpu_seconds, descendants, free_port, insist, load, margay_command, middle,
                     number, ratio)
from hellos import FILES

HERE = os.path.dirname(os.path.abspath(__file__))
# Microseconds of nginx's `return 200` where Unit was measured.
NGINX_THERE = 5.95
# Directories of Debian's packages.
CATALINA = "/usr/share/tomcat10"
SERVLET_API = "/usr/share/java/tomcat10-servlet-api.jar"


class Missing(Exception):
    """A program of a case is not installed; the text names it."""


def need(path):
    if not os.path.exists(path):
        raise Missing(path)
    return path


class Case:
    """One language: how Margay runs it, how its peer does, and what Unit needed."""

    def __init__(self, title, answer, unit, peer, start, conf, aim):
        self.title = title
        self.answer = answer
        self.unit = unit
        self.peer = peer
        self.start = start
        self.conf = conf
        self.aim = aim


class Bench:
    """All servers of the run; closed by `with`."""

    def __init__(self, dist, only):
        self.dir = tempfile.mkdtemp(prefix="margay-bench-")
        os.chmod(self.dir, 0o755)
        for name, text in FILES.items():
            with open(f"{self.dir}/{name}", "w") as file:
                file.write(text)
        self.dist = dist
        self.procs = []
        self.roots = {}
        self.ports = {}
        self.front = {}
        self.cases = {name: case for name, case in self.all_cases().items() if name in only}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for proc in reversed(self.procs):
            proc.terminate()
        for proc in self.procs:
            try:
                proc.wait(10)
            except subprocess.TimeoutExpired:
                proc.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def all_cases(self):
        where = {"processes": 2, "working_directory": self.dir}
        return {
            "wsgi": Case("WSGI", b"Hello, WSGI", 18, "gunicorn", self.gunicorn,
                         {"type": "python", "path": self.dir, "module": "hello", **where}, (0.75, None)),
            "asgi": Case("ASGI", b"Hello, ASGI", 22, "nginx, uvicorn", self.uvicorn,
                         {"type": "python", "path": self.dir, "module": "hello_asgi", "protocol": "asgi", **where},
                         (0.75, 0.35)),
            "perl": Case("Perl", b"Hello, PSGI", 20, "nginx, starman", self.starman,
                         {"type": "perl", "script": self.dir + "/app.psgi", **where}, (0.9, 0.4)),
            "ruby": Case("Ruby", b"Hello, Rack", 20, "nginx, puma", self.puma,
                         {"type": "ruby", "script": self.dir + "/config.ru", **where}, (0.9, 0.4)),
            "php": Case("PHP", b"Hello, PHP", 23, "nginx, php-fpm", self.php,
                        {"type": "php", "root": self.dir, "script": "index.php", "processes": 2}, (None, 0.4)),
            "servlet": Case("Servlet", b"Hello, Servlet", 18, "nginx, Tomcat", self.tomcat,
                            {"type": "java", "webapp": self.dir + "/webapp", "processes": 1, "threads": 16},
                            (0.9, 0.6)),
            "node": Case("Node", b"Hello, Node", 24, "nginx, Node", self.node,
                         {"type": "node", "script": self.dir + "/app.js", **where}, (0.9, None)),
        }

    def run(self, name, argv, **env):
        log = open(f"{self.dir}/{name}.out", "wb")
        proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir,
                                env=os.environ | env)
        self.procs.append(proc)
        return proc.pid

    # Each starts its server and returns its process; `port` is where it listens.

    def gunicorn(self, port):
        return self.run("gunicorn", [need("/usr/bin/gunicorn"), "-w", "2", "-b", f"127.0.0.1:{port}", "--keep-alive",
                                     "75", "hello:application"])

    def uvicorn(self, port):
        for module in ("httptools", "uvloop"):
            if subprocess.run(["/usr/bin/python3", "-c", "import " + module], stderr=subprocess.DEVNULL).returncode:
                raise Missing("python3-" + module)
        return self.run("uvicorn", [need("/usr/bin/uvicorn"), "--workers", "2", "--loop", "uvloop", "--http",
                                    "httptools", "--lifespan", "off", "--no-access-log", "--port", str(port),
                                    "hello_asgi:application"])

    def starman(self, port):
        return self.run("starman", [need("/usr/bin/starman"), "--workers", "2", "--max-requests", "100000000",
                                    "--env", "deployment", "--listen", f"127.0.0.1:{port}", self.dir + "/app.psgi"])

    def puma(self, port):
        return self.run("puma", [need("/usr/bin/puma"), "-w", "2", "-t", "1:1", "-e", "production", "-b",
                                 f"tcp://127.0.0.1:{port}", self.dir + "/config.ru"])

    def php(self, port):
        programs = sorted(glob.glob("/usr/sbin/php-fpm*"))
        if not programs:
            raise Missing("php-fpm")
        with open(self.dir + "/fpm.conf", "w") as file:
            file.write(f"[global]\nerror_log={self.dir}/fpm.log\ndaemonize=no\n[www]\nuser=nobody\ngroup=nogroup\n"
                       f"listen=127.0.0.1:{port}\npm=static\npm.max_children=2\n")
        # A kept connection would keep one of the two children, as idle as its client may be.
        return self.run("php-fpm", [programs[-1], "-y", self.dir + "/fpm.conf", "-R"])

    def tomcat(self, port):
        need(CATALINA + "/bin/catalina.sh")
        self.compile()
        base = self.dir + "/catalina"
        for name in ("conf", "webapps", "temp", "logs", "work"):
            os.makedirs(f"{base}/{name}")
        os.symlink(self.dir + "/webapp", base + "/webapps/ROOT")
        with open(base + "/conf/server.xml", "w") as file:
            file.write(f'<Server port="-1"><Service name="Catalina"><Connector port="{port}" address="127.0.0.1" '
                       'maxKeepAliveRequests="-1"/><Engine name="Catalina" defaultHost="localhost"><Host '
                       'name="localhost" appBase="webapps" autoDeploy="false"/></Engine></Service></Server>\n')
        shutil.copy("/etc/tomcat10/web.xml", base + "/conf/web.xml")
        return self.run("tomcat", [CATALINA + "/bin/catalina.sh", "run"], CATALINA_HOME=CATALINA, CATALINA_BASE=base)

    def compile(self):
        classes = self.dir + "/webapp/WEB-INF/classes"
        if not os.path.exists(classes):
            os.makedirs(classes)
            shutil.copy(self.dir + "/web.xml", self.dir + "/webapp/WEB-INF/web.xml")
            subprocess.run(["javac", "--release", "17", "-d", classes, "-cp", need(SERVLET_API),
                            self.dir + "/Hello.java"], check=True)

    def node(self, port):
        program = shutil.which("node")
        if not program:
            raise Missing("nodejs")
        return self.run("node", [program, self.dir + "/cluster.js"], PORT=str(port))

    def begin(self):
        """Starts the peers, then nginx in front of them, then Margay with all applications."""
        behind = {}
        for name, case in self.cases.items():
            port = free_port()
            try:
                self.roots[name] = case.start(port)
                await_port(port, 60)
            except Missing as e:
                print(f"{case.peer}: not measured, {e} is not installed", flush=True)
                self.roots.pop(name, None)
                continue
            behind[name] = port
            self.front[name] = free_port() if name != "wsgi" else port
        self.nginx(behind)
        self.margay()

    def nginx(self, behind):
        self.front["return"] = free_port()
        servers = [f"server {{ listen 127.0.0.1:{self.front['return']}; location / {{ return 200; }} }}"]
        for name, port in behind.items():
            if self.front[name] == port:
                continue
            keep = "" if name == "php" else "keepalive 64;"
            servers.append(f"upstream {name} {{ server 127.0.0.1:{port}; {keep} }}")
            passes = f"proxy_pass http://{name}; proxy_http_version 1.1; proxy_set_header Connection ''; " \
                     "proxy_set_header Host $host;"
            if name == "php":
                passes = f"include /etc/nginx/fastcgi_params; fastcgi_pass {name}; " \
                         f"fastcgi_param SCRIPT_FILENAME {self.dir}/index.php;"
            servers.append(f"server {{ listen 127.0.0.1:{self.front[name]}; location / {{ {passes} }} }}")
        with open(self.dir + "/nginx.conf", "w") as file:
            file.write(f"daemon off; worker_processes 2; pid {self.dir}/nginx.pid; error_log {self.dir}/nginx.err;\n"
                       "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 100000000;\n"
                       + "".join(f"{kind}_temp_path {self.dir}/t-{kind};\n" for kind in
                                 ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
                       + "\n".join(servers) + "\n}\n")
        self.roots["return"] = self.run("nginx", ["nginx", "-c", self.dir + "/nginx.conf", "-p", self.dir, "-e",
                                                  self.dir + "/nginx.err"])
        await_port(self.front["return"])

    def margay(self):
        if "servlet" in self.cases:
            self.compile()
        base = self.dir + "/margay"
        self.roots["margay"] = self.run("margay", margay_command(self.dist, base))
        self.control = base + "/control.sock"
        self.ports = {name: free_port() for name in self.cases}
        self.apply("/config", {
            "listeners": {f"127.0.0.1:{port}": {"pass": "applications/" + name} for name, port in self.ports.items()},
            "applications": {name: case.conf for name, case in self.cases.items()}})

    def apply(self, path, conf):
        answer = insist(lambda: ask(self.control, "PUT", path, json.dumps(conf).encode()))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer.decode())

    def check(self, port, expected):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        client.request("GET", "/")
        answer = client.getresponse().read()
        client.close()
        if not answer.startswith(expected):
            raise SystemExit(f"port {port} answered {answer[:200]!r} instead of {expected!r}")

    def peer_cpu(self, name):
        front = cpu_seconds(self.roots["return"]) if name != "wsgi" else 0
        return front + cpu_seconds(self.roots[name])

    def workers_cpu(self):
        """What the processes of applications have used."""
        total = 0
        for pid in descendants(self.roots["margay"]):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as line:
                    if b"unit: main" in (title := line.read()) or b"unit: router" in title \
                            or b"unit: controller" in title:
                        continue
                with open(f"/proc/{pid}/stat") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def compilers_cpu(self):
        """What the compilers of Margay's JVMs have used: much of it says that the warm-up was too short."""
        total = 0
        for pid in descendants(self.roots["margay"]):
            for path in glob.glob(f"/proc/{pid}/task/*/stat"):
                try:
                    with open(path) as stat:
                        name, _, rest = stat.read().partition("(")[2].rpartition(")")
                except OSError:
                    continue
                if "CompilerThre" in name:
                    fields = rest.split()
                    total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def once(self, port, args, seconds, *counters):
        """Requests a second, failures, and microseconds a request for each counter."""
        before = [counter() for counter in counters]
        rate, _, failed = load(os.getpid(), f"http://127.0.0.1:{port}/", args.conns, seconds, False)
        count = max(1, rate * seconds)
        return [rate, failed] + [(counter() - then) / count * 1e6 for counter, then in zip(counters, before)]


def measure(bench, args):
    root = bench.roots["margay"]
    front = bench.roots["return"]
    for name, case in bench.cases.items():
        mine, peer, nginx = [], [], []
        bench.check(bench.ports[name], case.answer)
        bench.once(bench.ports[name], args, args.warm)
        if name in bench.roots:
            bench.check(bench.front[name], case.answer)
            bench.once(bench.front[name], args, args.warm)
        for _ in range(args.rounds):
            mine.append(bench.once(bench.ports[name], args, args.seconds, lambda: cpu_seconds(root),
                                   bench.workers_cpu, bench.compilers_cpu))
            if name in bench.roots:
                peer.append(bench.once(bench.front[name], args, args.seconds, lambda: bench.peer_cpu(name)))
            nginx.append(bench.once(bench.front["return"], args, 1, lambda: cpu_seconds(front)))
        rate, _, cpu, workers, compilers = middle(mine)
        unit = case.unit * middle(nginx)[2] / NGINX_THERE
        theirs = middle(peer) if peer else [0, 0, 0]
        failed = int(sum(row[1] for row in mine + peer))
        print(f"| {case.title} | {number(rate)}, {number(cpu)} ({number(workers)}, {number(compilers)}) "
              f"| {number(unit)} "
              f"| {ratio(cpu, unit)} | {case.aim[0] or ''} | {case.peer}: {number(theirs[0])}, {number(theirs[2])} "
              f"| {ratio(cpu, theirs[2])} | {case.aim[1] or ''} | {failed or ''} |", flush=True)


def on_demand(bench, args):
    """Milliseconds of a request that starts a worker while its prototype lives."""
    for name in ("wsgi", "perl", "ruby", "php"):
        if name not in bench.cases:
            continue
        conf = bench.cases[name].conf | {"processes": {"max": 1, "spare": 0, "idle_timeout": 1}}
        bench.apply("/config/applications/" + name, conf)
        times = []
        for _ in range(args.rounds + 1):
            begin = time.perf_counter()
            bench.check(bench.ports[name], bench.cases[name].answer)
            times.append((time.perf_counter() - begin) * 1e3)
            end = time.monotonic() + 20
            while json.loads(ask(bench.control, path=f"/status/applications/{name}/processes/running")
                             .partition(b"\r\n\r\n")[2]) and time.monotonic() < end:
                time.sleep(0.05)
        print(f"{bench.cases[name].title}: a request that starts a worker "
              f"{number(middle([[t] for t in times[1:]])[0])} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dist", default=os.path.join(HERE, "../target/margay"))
    parser.add_argument("--only", default="wsgi,asgi,perl,ruby,php,servlet,node")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--warm", type=int, default=12, help="seconds of load before a case is measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--conns", type=int, default=64)
    args = parser.parse_args()
    with Bench(os.path.abspath(args.dist), args.only.split(",")) as bench:
        bench.begin()
        print("| Case | Margay: requests/s, CPU µs (workers, compilers) | Unit µs | Margay / Unit | Aim "
              "| Peer: requests/s, CPU µs | Margay / peer | Aim | Failed |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
        measure(bench, args)
        on_demand(bench, args)


if __name__ == "__main__":
    main()
