// SPDX-License-Identifier: Apache-2.0
// The questions that the test of all languages asks; each path is one.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");

const PATTERN = Buffer.from(Array.from({length: 251 * 256}, (_, i) => i % 251));

function text(response, content, status = 200, fields = {}) {
    response.writeHead(status, {"Content-Type": "text/plain", "Content-Length": Buffer.byteLength(content), ...fields});
    response.end(content);
}

function die() {
    fs.writeSync(2, "last words\n");
    process.kill(process.pid, "SIGKILL");
}

const answers = {
    hello: (request, response) => text(response, "Hello world\n"),
    digest: (request, response) => {
        const digest = crypto.createHash("sha256");
        let size = 0;
        request.on("data", (part) => {
            digest.update(part);
            size += part.length;
        }).on("end", () => text(response, `${size} ${digest.digest("hex")}`));
    },
    bytes: (request, response, count) => {
        const more = () => {
            while (count > 0) {
                const part = PATTERN.subarray(0, count);
                count -= part.length;
                if (!response.write(part)) {
                    response.once("drain", more);
                    return;
                }
            }
            response.end();
        };
        more();
    },
    sized: (request, response, count) => {
        response.setHeader("Content-Length", count);
        response.end(Buffer.alloc(count, PATTERN));
    },
    pid: (request, response) => text(response, `${process.pid}`),
    software: (request, response) => text(response, process.env.SERVER_SOFTWARE),
    sleep: (request, response, millis) => setTimeout(() => text(response, `${process.pid}`), millis),
    raise: () => {
        throw new Error("raised by the application");
    },
    half: (request, response) => response.write("some bytes", () => {
        throw new Error("raised after the head");
    }),
    exit: (request, response, code) => {
        console.error("last words");
        process.exit(code);
    },
    killed: die,
    killedreading: (request) => request.once("data", die),
    killedsending: (request, response) => response.write("some bytes", die),
    status: (request, response, status) => {
        if (status === 204) {
            response.writeHead(204).end();
        } else {
            text(response, "body", status > 999 ? 500 : status);
        }
    },
    field: (request, response, count) => text(response, "body", 200, {"X-Long": "x".repeat(count)}),
};

http.createServer((request, response) => {
    const [, name, argument] = /^\/(\w*)\??(\d*)/.exec(request.url);
    answers[name](request, response, Number(argument));
}).listen(process.env.PORT ?? 8000);
