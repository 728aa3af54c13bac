#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A filter bundle updated again and again under full load, beside the same load left alone.

    bench/hotswap.py [--dist target/margay] [--seconds 10] [--updates 20] [--conns 64]

Compiles a small filter against the bundles of the distribution (javac of a JDK 25 is needed), loads one route with
wrk for some seconds, then for as long as the updates take, and prints both: requests, failures of each class, and
the 99th percentile with its ratio. The aim is no failure and a ratio of at most 2.
"""
import argparse
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

SOURCE = '''
import io.margay.conf.Conf;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ResponseHead;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

public final class Mark implements BundleActivator, FilterFactory {
    private AsciiString version;

    @Override
    public void start(BundleContext context) {
        version = AsciiString.of(context.getBundle().getVersion().toString());
        context.registerService(FilterFactory.class, this, null);
    }

    @Override
    public void stop(BundleContext context) {
    }

    @Override
    public String option() {
        return "mark";
    }

    @Override
    public int order() {
        return 1500;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        AsciiString name = AsciiString.of("X-Mark");
        return new Filter() {
            @Override
            public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
                head.set(name, version);
                return Optional.empty();
            }
        };
    }
}
'''
SCHEMA = '{"extend": {"action": {"members": {"mark": {"type": "boolean", "reader": "filter:mark"}}}}}'


def jar(classes, version, target):
    headers = {
        "Manifest-Version": "1.0", "Bundle-ManifestVersion": "2", "Bundle-SymbolicName": "margay.bench.mark",
        "Bundle-Version": version, "Bundle-Activator": "Mark", "Margay-Schema": "OSGI-INF/margay/mark.json",
        "Import-Package": "org.osgi.framework,io.margay.route,io.margay.http,io.margay.conf,io.netty.util",
        "Provide-Capability": 'io.margay.extension;kind=filter;name=mark;api:Version="1.0"'}
    lines = []
    for name, value in headers.items():
        line = f"{name}: {value}"
        while len(line) > 70:
            lines.append(line[:70])
            line = " " + line[70:]
        lines.append(line)
    with zipfile.ZipFile(target + ".tmp", "w") as out:
        out.writestr("META-INF/MANIFEST.MF", "\r\n".join(lines) + "\r\n\r\n")
        out.writestr("OSGI-INF/margay/mark.json", SCHEMA)
        for file in glob.glob(os.path.join(classes, "*.class")):
            out.write(file, os.path.basename(file))
    os.rename(target + ".tmp", target)


def compile_filter(dist, directory):
    source = os.path.join(directory, "Mark.java")
    with open(source, "w") as out:
        out.write(SOURCE)
    home = os.environ.get("JAVA_HOME", "")
    javac = os.path.join(home, "bin/javac") if home else "javac"
    jars = glob.glob(os.path.join(dist, "system/*.jar")) + [os.path.join(dist, "lib/felix.jar")]
    subprocess.run([javac, "-d", directory, "-cp", ":".join(jars), source], check=True)


def ask(control, method, path, body=""):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(control)
        client.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
                       f"{body}".encode())
        answer = b""
        while part := client.recv(65536):
            answer += part
    return int(answer[9:12]), answer


def wait(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def mark(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := client.recv(65536):
            answer += part
    found = re.search(rb"X-Mark: ([\d.]+)", answer)
    return found.group(1).decode() if found else ""


def load(port, conns, seconds):
    return subprocess.Popen(["wrk", "-t1", f"-c{conns}", f"-d{seconds}", "--latency", f"http://127.0.0.1:{port}/"],
                            stdout=subprocess.PIPE, text=True)


def report(process):
    text = process.communicate()[0]
    units = {"us": 1, "ms": 1000, "s": 1000000}
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    failed = re.search(r"Socket errors: (.*)", text)
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return (int(re.search(r"(\d+) requests in", text).group(1)), float(number) * units[unit],
            failed.group(1) if failed else "none", other.group(1) if other else "0")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--dist", default=os.path.join(os.path.dirname(__file__), "../target/margay"))
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--updates", type=int, default=20)
    options.add_argument("--conns", type=int, default=64)
    options = options.parse_args()
    base = tempfile.mkdtemp(prefix="margay-hotswap-")
    os.chmod(base, 0o755)
    for name in ("modules", "state", "tmp", "classes"):
        os.mkdir(os.path.join(base, name))
    os.chmod(os.path.join(base, "tmp"), 0o1777)
    compile_filter(options.dist, os.path.join(base, "classes"))
    control = os.path.join(base, "control.sock")
    server = subprocess.Popen([os.path.join(options.dist, "bin/unitd"), "--no-daemon", "--control", f"unix:{control}",
                               "--pid", f"{base}/pid", "--log", f"{base}/log", "--statedir", f"{base}/state",
                               "--tmpdir", f"{base}/tmp", "--modulesdir", f"{base}/modules"])
    try:
        wait("the server starts", lambda: os.path.exists(control))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        target = os.path.join(base, "modules/mark.jar")
        jar(os.path.join(base, "classes"), "1.0.0", target)
        configuration = ('{"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": '
                         '{"return": 200, "mark": true}}]}' % port)
        wait("the filter is there", lambda: ask(control, "PUT", "/config", configuration)[0] == 200)
        report(load(port, options.conns, options.seconds))
        quiet = report(load(port, options.conns, options.seconds))
        under = load(port, options.conns, options.seconds)
        began = time.monotonic()
        for number in range(1, options.updates + 1):
            jar(os.path.join(base, "classes"), f"1.0.{number}", target)
            wait(f"1.0.{number} serves", lambda: mark(port) == f"1.0.{number}")
        took = time.monotonic() - began
        if under.poll() is not None:
            print(f"the load ended before the updates, which took {took:.1f} s: give it more --seconds")
        updated = report(under)
        print(f"{'':10}{'requests':>10}{'p99 us':>10}{'ratio':>8}{'non-2xx':>9}  socket errors")
        for name, row in (("quiet", quiet), (f"{options.updates} updates", updated)):
            print(f"{name:10}{row[0]:>10}{row[1]:>10.0f}{row[1] / quiet[1]:>8.2f}{row[3]:>9}  {row[2]}")
        print(f"{options.updates} updates took {took:.1f} s")
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
