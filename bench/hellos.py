# SPDX-License-Identifier: Apache-2.0
"""The hello applications of bench/languages.py, the same for Margay and its peers, by the name of their file."""

FILES = {
    "hello.py": '''BODY = b"Hello, WSGI\\n"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
''',
    "hello_asgi.py": '''BODY = b"Hello, ASGI\\n"
START = {"type": "http.response.start", "status": 200,
         "headers": [(b"content-type", b"text/plain"), (b"content-length", str(len(BODY)).encode())]}


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("http only")
    await send(START)
    await send({"type": "http.response.body", "body": BODY})
''',
    "app.psgi": '''my $body = "Hello, PSGI\\n";
my $app = sub {
    return [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $body], [$body]];
};
''',
    "config.ru": '''BODY = "Hello, Rack\\n".freeze
run lambda { |_env|
  [200, { 'Content-Type' => 'text/plain', 'Content-Length' => BODY.bytesize.to_s }, [BODY]]
}
''',
    "index.php": '''<?php
header('Content-Type: text/plain');
header('Content-Length: 11');
echo "Hello, PHP\\n";
''',
    "Hello.java": '''import jakarta.servlet.http.*;

public class Hello extends HttpServlet {
    private static final byte[] BODY = "Hello, Servlet\\n".getBytes();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        response.setContentType("text/plain");
        response.setContentLength(BODY.length);
        response.getOutputStream().write(BODY);
    }
}
''',
    "web.xml": '''<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0" metadata-complete="true">
  <servlet><servlet-name>hello</servlet-name><servlet-class>Hello</servlet-class></servlet>
  <servlet-mapping><servlet-name>hello</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
</web-app>
''',
    "app.js": '''const http = require('http');
const body = 'Hello, Node\\n';
http.createServer((req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  res.end(body);
}).listen(Number(process.env.PORT || 0), '127.0.0.1');
''',
    "cluster.js": '''const cluster = require('cluster');
if (cluster.isPrimary) { cluster.fork(); cluster.fork(); } else { require('./app.js'); }
''',
}
