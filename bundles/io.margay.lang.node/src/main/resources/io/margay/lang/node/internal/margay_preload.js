// SPDX-License-Identifier: Apache-2.0
// Run before the application, with "require" of its own: the first HTTP server that listens, wherever it wants to,
// gets the socket that was inherited. Whoever is in front speaks HTTP/1.1 and has done TLS already.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");

const init = JSON.parse(process.env.MARGAY_INIT);
delete process.env.MARGAY_INIT;
process.env.SERVER_SOFTWARE = "Unit/" + init.version;
fs.closeSync(init.preload);
// Processes that the application forks are its own affair.
for (let i; (i = process.execArgv.indexOf("--import")) >= 0 && process.execArgv[i + 1]?.includes("MARGAY");) {
    process.execArgv.splice(i, 2);
}
process.title = `unit: "${init.name}" application`;

const listen = net.Server.prototype.listen;
/** The server that has the socket, and where it wanted to listen. */
let first;
let wanted;

const isHttp = (server) => server instanceof http.Server || server instanceof https.Server;

/** The port and host, or the path, of the arguments of listen(). */
function place(args) {
    const [head] = args;
    if (head !== null && typeof head === "object") {
        return {port: head.port, host: head.host, path: head.path};
    }
    if (typeof head === "string" && !/^\d+$/.test(head)) {
        return {path: head};
    }
    return {port: typeof head === "function" ? 0 : head, host: typeof args[1] === "string" ? args[1] : undefined};
}

/** Its clients come without TLS: what is to happen after the handshake happens at once. */
function withoutTls(server) {
    server.removeAllListeners("connection");
    server.on("connection", (socket) => {
        socket.encrypted = true;
        socket.authorized = false;
        socket.alpnProtocol = "http/1.1";
        server.emit("secureConnection", socket);
    });
}

/** The field in which the server in front tells of the client, and what a socket knows of the request before it. */
const FIELD = "Margay-Client";
const CLIENT = Symbol("client");
const COUNT = Object.getOwnPropertySymbols(new http.IncomingMessage())
    .find((each) => each.description === "kHeadersCount");
const family = (address) => net.isIPv4(address) ? "IPv4" : net.isIPv6(address) ? "IPv6" : undefined;
const known = (part) => part === "-" ? undefined : part;
const ASKED = {
    remoteAddress: (client) => known(client[1]),
    remoteFamily: (client) => family(client[1]),
    localAddress: (client) => known(client[2]),
    localFamily: (client) => family(client[2]),
    localPort: (client) => client[3] === "-" ? undefined : Number(client[3]),
};

/** One connection carries the requests of many clients, one at a time: its socket tells of the one of now. */
function describe(socket) {
    for (const [name, value] of Object.entries(ASKED)) {
        Object.defineProperty(socket, name, {configurable: true, get: () => value(socket[CLIENT])});
    }
}

/** Takes the field out of a request, and has its socket tell what it says. */
function learn(server, request) {
    const raw = request.rawHeaders;
    // It comes first, where no limit on fields cuts it off, and a value of a client is not taken for it. A request
    // that is handed on has it no more.
    if (raw[0] !== FIELD) {
        return;
    }
    const {socket} = request;
    if (socket[CLIENT] === undefined) {
        describe(socket);
    }
    socket[CLIENT] = raw[1].split(" ");
    socket.encrypted = socket[CLIENT][0] === "https" || server instanceof https.Server;
    // What is made of the fields when somebody asks for it goes by their number.
    delete request.headers[FIELD.toLowerCase()];
    if (COUNT === undefined) {
        delete request.headersDistinct[FIELD.toLowerCase()];
    } else {
        request[COUNT] -= 2;
    }
    raw.splice(0, 2);
}

/** Whatever kind of request it is, the application does not see it before it is known who asks. */
function whoAsks(server) {
    const {emit} = server;
    server.emit = function (event, request, ...rest) {
        if (request instanceof http.IncomingMessage) {
            learn(server, request);
        }
        return emit.call(this, event, request, ...rest);
    };
}

/** Frameworks print where they listen, or look for the port. */
function address() {
    if (wanted.path !== undefined) {
        return wanted.path;
    }
    const six = wanted.host === undefined || net.isIPv6(wanted.host);
    return {address: wanted.host ?? "::", family: six ? "IPv6" : "IPv4", port: Number(wanted.port ?? 0)};
}

/** The same server for another address of the same name: it has nothing to do. */
function idle(server, callback) {
    if (callback) {
        server.once("listening", callback);
    }
    server.address = address;
    server.close = (done) => {
        process.nextTick(() => {
            server.emit("close");
            done?.();
        });
        return server;
    };
    process.nextTick(() => server.emit("listening"));
    return server;
}

net.Server.prototype.listen = function (...args) {
    if (!isHttp(this)) {
        return listen.apply(this, args);
    }
    const callback = args.findLast((each) => typeof each === "function");
    const here = place(args);
    if (first !== undefined && first !== this) {
        const same = wanted.path === here.path && Number(wanted.port ?? 0) === Number(here.port ?? 0);
        return same && Number(here.port ?? 0) !== 0 ? idle(this, callback) : listen.apply(this, args);
    }
    if (first === this) {
        // Closed and opened again, or an error that the original knows to tell.
        return listen.call(this, {fd: init.listen}, callback);
    }
    first = this;
    wanted = here;
    if (this instanceof https.Server) {
        withoutTls(this);
    }
    whoAsks(this);
    this.address = address;
    return listen.call(this, {fd: init.listen}, callback);
};

process.on("SIGTERM", function leave() {
    // An application that handles the signal knows better when it is done.
    if (process.listenerCount("SIGTERM") > 1) {
        return;
    }
    if (first === undefined || !first.listening) {
        process.exit(0);
    }
    first.close(() => process.exit(0));
    first.closeIdleConnections?.();
});
