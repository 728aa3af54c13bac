// SPDX-License-Identifier: Apache-2.0
// Listens wherever it likes: the server gives it a socket of its own.
const http = require("node:http");

http.createServer((request, response) => {
    response.setHeader("Content-Type", "text/plain");
    response.end(`Hello from Node ${process.versions.node}, process ${process.pid}: ${request.url}\n`);
}).listen(3000);
