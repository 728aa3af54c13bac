#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the web console costs: memory of each process with and without it, and the time of its pages.

    bench/console.py [--dist target/margay] [--rounds 3] [--visits 20] [--native]

Servers without and with --console start in turn. Each is left alone for five seconds, then asked for its PSS; the one with
the console again after each page was visited. Pages and their data are asked for over the Unix socket, as its owner. The
aims are 25 MB more in main and nothing in the others, 300 ms to the first page after the start and 100 ms for each later.
--native prints where the JVM of main has its memory.
"""
import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

PAGES = ["overview", "processes", "applications", "modules", "routes", "configuration", "certificates", "events"]
STOCK = ["bundles", "components", "services", "configMgr", "logs"]
QUIET = 5


def ask(path, url):
    """The status of a page and the seconds until it was all there."""
    begun = time.monotonic()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(f"GET {url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer[9:12].decode(), time.monotonic() - begun


def pss(process):
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def processes(main):
    """Main, controller and router by their titles."""
    found = {"main": main}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as line:
                parent = int(line.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{entry}/cmdline", encoding="utf-8", errors="replace") as line:
                title = line.read()
        except (OSError, ValueError):
            continue
        for kind in ("controller", "router"):
            if parent == main and title.startswith("unit: " + kind):
                found[kind] = int(entry)
    return found


class Server:
    def __init__(self, dist, console, options=""):
        self.base = tempfile.mkdtemp(prefix="margay-bench-")
        os.chmod(self.base, 0o755)
        os.mkdir(self.base + "/state")
        self.console = self.base + "/console.sock"
        command = [dist + "/bin/unitd", "--no-daemon", "--control", f"unix:{self.base}/control", "--pid",
                   self.base + "/pid", "--log", self.base + "/log", "--statedir", self.base + "/state", "--tmpdir",
                   self.base]
        self.process = subprocess.Popen(command + (["--console", "unix:" + self.console] if console else []),
                                        env=os.environ | {"MARGAY_JAVA_OPTS_MAIN": options})
        self.await_file(self.base + "/control")
        self.started = time.monotonic()

    def await_file(self, path):
        deadline = time.monotonic() + 60
        while not os.path.exists(path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(open(self.base + "/log", encoding="utf-8").read())
            time.sleep(0.005)

    def memory(self):
        return {kind: pss(pid) for kind, pid in processes(self.process.pid).items()}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.base, ignore_errors=True)


def visit(server, pages, times):
    for page in pages:
        for url in (page, page + ".json") if page in PAGES else (page,):
            status, seconds = ask(server.console, "/system/console/" + url)
            if status != "200":
                raise SystemExit(f"{url}: {status}")
            times.setdefault(url, []).append(seconds * 1000)


def text(memory):
    return ", ".join(f"{kind} {value:.1f}" for kind, value in memory.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/target/margay")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--native", action="store_true")
    arguments = parser.parse_args()
    more, times, first = [], {}, []
    for _ in range(arguments.rounds):
        server = Server(arguments.dist, False)
        time.sleep(QUIET)
        off = server.memory()
        server.stop()
        server = Server(arguments.dist, True, "-XX:NativeMemoryTracking=summary" if arguments.native else "")
        server.await_file(server.console)
        listening = time.monotonic()
        status, seconds = ask(server.console, "/system/console/overview")
        first.append((listening + seconds - server.started) * 1000)
        print(f"console listens {(listening - server.started) * 1000:.0f} ms after the control socket,"
              f" first page {seconds * 1000:.0f} ms later ({status})")
        time.sleep(QUIET)
        on = server.memory()
        visit(server, PAGES + STOCK, {})
        time.sleep(QUIET)
        used = server.memory()
        for _ in range(arguments.visits):
            visit(server, PAGES + STOCK, times)
        time.sleep(QUIET)
        after = server.memory()
        print("PSS in MB, off: " + text(off) + "; on: " + text(on) + "; pages seen: " + text(used)
              + f"; {arguments.visits} times: " + text(after))
        more.append([memory["main"] - off["main"] for memory in (on, used, after)])
        if arguments.native:
            subprocess.run(["jcmd", str(server.process.pid), "VM.native_memory", "summary", "scale=KB"], check=False)
        server.stop()
    for name, values in zip(("idle", "pages seen", "pages seen often"), zip(*more)):
        print(f"main, {name}: {statistics.median(values):+.1f} MB (aim: 25)")
    print(f"first page after the control socket: {statistics.median(first):.0f} ms (aim: 300)")
    for url, values in times.items():
        print(f"{url}: median {statistics.median(values):.0f}, longest {max(values):.0f} ms")


main()
