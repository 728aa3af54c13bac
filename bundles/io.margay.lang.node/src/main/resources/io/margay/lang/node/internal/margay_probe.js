// SPDX-License-Identifier: Apache-2.0
// Prints what the server wants to know about this interpreter, as JSON.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

// The runtime is loaded by --import, which is there since 18.18.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 18 || major === 18 && minor < 18 || major === 19) {
    process.exit(1);
}

// An application with a root directory of its own starts the interpreter inside
// that root, so it needs the program, its libraries and the modules of the system.
const places = new Set([path.dirname(process.execPath), "/usr/share/nodejs", "/usr/lib/node_modules",
    "/usr/local/lib/node_modules", "/usr/lib/nodejs"]);
try {
    for (const line of fs.readFileSync("/proc/self/maps", "latin1").split("\n")) {
        const at = line.indexOf("/");
        if (at > 0 && line.includes(".so", at)) {
            places.add(path.dirname(line.slice(at)));
        }
    }
} catch (error) {
    // Without /proc there is less to see.
}
// The loader is asked for by the name in the program, and it may be a link that
// leads through /lib, which is a link itself where /usr is merged.
if (fs.existsSync("/lib64")) {
    places.add("/lib64");
    for (const place of [...places]) {
        if (place.startsWith("/usr/lib/") && fs.existsSync(place + "/libc.so.6")) {
            places.add(place.slice(4));
        }
    }
} else {
    places.add("/lib");
}

const mounts = [];
for (const place of [...places].filter((each) => fs.existsSync(each)).sort()) {
    // What lies below a directory that is mounted already comes with it.
    if (!mounts.some((other) => place.startsWith(other.dst + "/"))) {
        mounts.push({src: fs.realpathSync(place), dst: place});
    }
}
console.log(JSON.stringify({version: process.versions.node, file: process.execPath, mounts}));
