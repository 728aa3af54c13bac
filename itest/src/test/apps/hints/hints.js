// SPDX-License-Identifier: Apache-2.0
// Early hints and trailers of Node.
"use strict";

require("node:http").createServer((request, response) => {
    if (request.url !== "/split") {
        response.writeEarlyHints({link: ["</style.css>; rel=preload", "</more>; rel=preload"]});
    }
    response.setHeader("Content-Type", "text/plain");
    response.write("some");
    if (request.url === "/trailers") {
        response.addTrailers({"X-Sum": "1", "x-more": "2", "Content-Length": "9"});
    }
    response.end(" text");
}).listen(8000);
