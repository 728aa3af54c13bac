#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTP plane beside Debian's nginx doing the same, in one run on this machine.

    bench/plane.py [--dist target/margay] [--seconds 3] [--warm 10] [--rounds 2] [--conns 64] [--only "TLS"]

Needs wrk, nginx, openssl and h2load (apt-get install wrk nginx-light openssl nghttp2-client). As in compare.py a round
asks each server in turn, "CPU" is what all processes of a server used divided by the requests answered, and the table
shows medians and their ratio, below 1.00 when Margay needs less. Cases that say "beside" compare Margay with itself.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile

import compare

KINDS = ("plain", "rsa", "ec", "steps", "ten", "hosts", "proxy", "gzip", "logged", "filtered")
TEN = """local n = 0
request = function()
  n = n + 1
  if n % 10 == 0 then return wrk.format(nil, nil, {["Connection"] = "close"}) end
  return wrk.format()
end
"""


class Servers:
    """Margay, nginx and an upstream for both; closed by `with`."""

    def __init__(self, dist):
        self.dir = tempfile.mkdtemp(prefix="margay-bench-")
        self.procs = {}
        try:
            os.chmod(self.dir, 0o755)
            os.makedirs(self.dir + "/www")
            os.chmod(self.dir + "/www", 0o755)
            for name, size in (("1k.bin", 1 << 10), ("100k.bin", 100 << 10), ("10m.bin", 10 << 20)):
                with open(f"{self.dir}/www/{name}", "wb") as file:
                    file.write(os.urandom(size))
            with open(self.dir + "/www/10k.txt", "w") as file:
                file.write("".join(f"line {i} of a text that can be made smaller, {i * 7919 % 10007}\n"
                                   for i in range(200))[:10240])
            with open(self.dir + "/ten.lua", "w") as file:
                file.write(TEN)
            self.ports = {(name, kind): compare.free_port() for name in ("margay", "nginx") for kind in KINDS}
            self.origin = compare.free_port()
            self.certificate("rsa", "rsa:2048", [])
            self.certificate("ec", "ec", ["-pkeyopt", "ec_paramgen_curve:prime256v1"])
            self.upstream()
            self.nginx()
            self.margay(dist)
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
                proc.wait(20)
            except subprocess.TimeoutExpired:
                proc.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, name, argv):
        self.procs[name] = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)

    def certificate(self, name, kind, options):
        subprocess.run(["openssl", "req", "-x509", "-newkey", kind, *options, "-nodes", "-days", "30", "-subj",
                        "/CN=localhost", "-keyout", f"{self.dir}/{name}.key", "-out", f"{self.dir}/{name}.crt"],
                       check=True, capture_output=True)

    def paths(self, names):
        return " ".join(f"{name}_temp_path {self.dir}/{name};" for name in names)

    def upstream(self):
        """What both forward to; its CPU is not counted."""
        with open(self.dir + "/origin.conf", "w") as file:
            file.write(f"""daemon off; worker_processes 1; pid {self.dir}/origin.pid; error_log {self.dir}/origin.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; types {{ text/plain txt; }} default_type text/plain;
  {self.paths(("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))}
  server {{ listen 127.0.0.1:{self.origin}; root {self.dir}/www; }} }}
""")
        self.start("origin", ["nginx", "-c", self.dir + "/origin.conf", "-p", self.dir, "-e",
                              self.dir + "/origin.err"])
        compare.await_port(self.origin)

    def nginx(self):
        at = {kind: f"127.0.0.1:{self.ports['nginx', kind]}" for kind in KINDS}
        body = f"""root {self.dir}/www; location = / {{ return 200; }} location / {{ }}"""
        steps = " ".join(f"location = /step{i} {{ return 200; }}" for i in range(50))
        tls = " ".join(f"server {{ listen {at[name]} ssl http2; ssl_certificate {self.dir}/{name}.crt;"
                       f" ssl_certificate_key {self.dir}/{name}.key; {body} }}" for name in ("rsa", "ec"))
        hosts = " ".join(f"server {{ listen {at['hosts']}; server_name h{i}.example; location / {{ return 200; }} }}"
                         for i in range(10000))
        forward = "proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection \"\";"
        with open(self.dir + "/nginx.conf", "w") as file:
            file.write(f"""daemon off; worker_processes 2; pid {self.dir}/nginx.pid; error_log {self.dir}/nginx.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; sendfile on; types {{ text/plain txt; }} default_type text/plain;
  ssl_session_cache off; ssl_session_tickets off;
  server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
  {self.paths(("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))}
  upstream origin {{ server 127.0.0.1:{self.origin}; keepalive 128; keepalive_requests 100000000; }}
  server {{ listen {at["plain"]}; {body} }} {tls}
  server {{ listen {at["steps"]}; {steps} }}
  server {{ listen {at["ten"]}; {steps} }} {hosts}
  server {{ listen {at["proxy"]}; location / {{ {forward} }} }}
  server {{ listen {at["gzip"]}; gzip on; gzip_comp_level 1; gzip_types text/plain; location / {{ {forward} }} }}
  server {{ listen {at["logged"]}; access_log {self.dir}/nginx.log combined; {body} }}
  server {{ listen {at["filtered"]}; {body} }} }}
""")
        self.start("nginx", ["nginx", "-c", self.dir + "/nginx.conf", "-p", self.dir, "-e", self.dir + "/nginx.err"])
        compare.await_port(self.ports["nginx", "plain"])

    def margay(self, dist):
        """Two servers: what is set for a whole server (compression, access log) is in the second."""
        def steps(count):
            return [{"match": {"uri": f"/step{i}"}, "action": {"return": 200}} for i in range(count)]
        at = {kind: f"127.0.0.1:{self.ports['margay', kind]}" for kind in KINDS}
        routes = {
            "plain": [{"match": {"uri": "/"}, "action": {"return": 200}},
                      {"action": {"share": self.dir + "/www$uri"}}],
            "steps": steps(50), "ten": steps(10),
            "hosts": [{"match": {"host": f"h{i}.example"}, "action": {"return": 200}} for i in range(10000)],
            "forward": [{"action": {"proxy": f"http://127.0.0.1:{self.origin}"}}],
            "filtered": [{"action": {"return": 200, "response_headers": {"X-A": "b"}, "security_headers": {"nosniff": True},
                                     "access": {"deny": ["10.0.0.0/8"], "allow": ["127.0.0.0/8"]}}}],
        }
        listeners = {at[kind]: {"pass": "routes/" + kind} for kind in ("plain", "steps", "ten", "hosts", "filtered")}
        listeners[at["proxy"]] = {"pass": "routes/forward"}
        for name in ("rsa", "ec"):
            listeners[at[name]] = {"pass": "routes/plain", "tls": {"certificate": name}}
        self.one(dist, "margay", {"listeners": listeners, "routes": routes})
        self.one(dist, "margay-more", {
            "listeners": {at["gzip"]: {"pass": "routes/forward"}, at["logged"]: {"pass": "routes/plain"}},
            "access_log": {"path": self.dir + "/margay.log"},
            "settings": {"http": {"compression": {"types": "text/*",
                                                  "compressors": [{"encoding": "gzip", "level": 1}]}}},
            "routes": {name: routes[name] for name in ("plain", "forward")}})

    def one(self, dist, name, conf):
        base = f"{self.dir}/{name}"
        os.makedirs(base)
        self.start(name, compare.margay_command(dist, base))
        control = base + "/control.sock"
        if "rsa" in json.dumps(conf):
            for kind in ("rsa", "ec"):
                bundle = b"".join(open(f"{self.dir}/{kind}.{part}", "rb").read() for part in ("crt", "key"))
                self.put(control, "/certificates/" + kind, bundle)
        self.put(control, "/config", json.dumps(conf).encode())

    @staticmethod
    def put(control, path, body):
        answer = compare.insist(lambda: compare.ask(control, "PUT", path, body))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer.decode())

    def process(self, name, kind):
        return self.procs["margay-more" if name == "margay" and kind in ("gzip", "logged") else name].pid


def h2load(root, url, conns, seconds):
    """Ten streams in each connection."""
    before = compare.cpu_seconds(root)
    out = subprocess.run(["h2load", "-t1", f"-c{conns}", "-m10", f"-D{seconds}", url], capture_output=True, text=True,
                         check=True).stdout
    used = compare.cpu_seconds(root) - before
    total, failed = (int(re.search(pattern, out).group(1)) for pattern in (r"(\d+) succeeded", r"(\d+) failed"))
    return total / seconds, used / max(1, total) * 1e6, failed


def wrk(root, url, conns, seconds, more):
    before = compare.cpu_seconds(root)
    out = subprocess.run(["wrk", "-t1", f"-c{conns}", f"-d{seconds}s", "--timeout", "10s", *more, url],
                         capture_output=True, text=True, check=True).stdout
    used = compare.cpu_seconds(root) - before
    count = int(re.search(r"(\d+) requests in", out).group(1))
    failed = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", out))
    failed += int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
    return count / seconds, used / max(1, count) * 1e6, failed


def measure(servers, args):
    close = ["-H", "Connection: close"]
    gzip = ["-H", "Accept-Encoding: gzip"]
    host = ["-H", "Host: h9999.example"]
    # Name, what is asked for at Margay and at the other: server, listener, scheme, path, options of the load (or h2).
    cases = [
        ("`return 200`, keep-alive", "plain", "http", "/", [], None),
        ("`return 200`, new connection each", "plain", "http", "/", close, None),
        ("`return 200`, ten requests a connection", "plain", "http", "/", ["-s", servers.dir + "/ten.lua"], None),
        ("1 KiB static file", "plain", "http", "/1k.bin", [], None),
        ("100 KiB static file", "plain", "http", "/100k.bin", [], None),
        ("10 MiB static file", "plain", "http", "/10m.bin", [], None),
        ("50 route steps, the last matches", "steps", "http", "/step49", [], None),
        ("10,000 steps by host, the last matches, beside ten steps", "hosts", "http", "/", host,
         ("margay", "ten", "/step9")),
        ("proxy to a fast upstream, 1 KiB", "proxy", "http", "/1k.bin", [], None),
        ("TLS, keep-alive", "ec", "https", "/", [], None),
        ("TLS, new connection each, RSA-2048", "rsa", "https", "/", close, None),
        ("TLS, new connection each, P-256", "ec", "https", "/", close, None),
        ("HTTP/2 over TLS, `return 200`", "ec", "https", "/", "h2", None),
        ("HTTP/2 over TLS, 1 KiB static file", "ec", "https", "/1k.bin", "h2", None),
        ("gzip 1 of 10 KiB from an upstream", "gzip", "http", "/10k.txt", gzip, None),
        ("access log, beside none", "logged", "http", "/", [], ("margay", "plain", "/")),
        ("three filters, beside none", "filtered", "http", "/", [], ("margay", "plain", "/")),
    ]
    for case, kind, scheme, path, load, beside in cases:
        if args.only not in case:
            continue
        sides = [("margay", kind, path), beside or ("nginx", kind, path)]
        results = [[], []]

        def run(side, seconds):
            name, listener, target = side
            url = f"{scheme}://127.0.0.1:{servers.ports[name, listener]}{target}"
            root = servers.process(name, listener)
            return h2load(root, url, args.conns, seconds) if load == "h2" \
                else wrk(root, url, args.conns, seconds, load)
        for side in sides:
            run(side, args.warm)
        for _ in range(args.rounds):
            for side, rows in zip(sides, results):
                rows.append(run(side, args.seconds))
        mine, theirs = (compare.middle(rows) for rows in results)
        other = "itself" if beside else "nginx"
        compare.row(f"{case}: CPU a request, µs", other, mine[1], theirs[1])
        compare.row(f"{case}: requests/s", other, mine[0], theirs[0], mine[2] + theirs[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dist", default=os.path.join(compare.HERE, "../target/margay"))
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--warm", type=int, default=10, help="seconds of load before a case is measured")
    parser.add_argument("--only", default="", help="cases whose names have this text")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--conns", type=int, default=64)
    args = parser.parse_args()
    print("| What | Against | Margay | The other | Margay / other | Failed |")
    print("|---|---|---:|---:|---:|---:|", flush=True)
    with Servers(os.path.abspath(args.dist)) as servers:
        measure(servers, args)


if __name__ == "__main__":
    main()
