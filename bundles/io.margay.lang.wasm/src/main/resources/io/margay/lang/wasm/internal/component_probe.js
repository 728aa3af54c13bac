// SPDX-License-Identifier: Apache-2.0
// Prints where this interpreter is and what it needs, as JSON, if it can run components.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 18 || major === 18 && minor < 18 || major === 19) {
    process.exit(1);
}

// Inside a root of its own the application needs the program, its libraries and the loader, whose name in the program
// may lead through /lib, which is a link where /usr is merged.
const places = new Set([path.dirname(process.execPath), fs.existsSync("/lib64") ? "/lib64" : "/lib"]);
try {
    for (const line of fs.readFileSync("/proc/self/maps", "latin1").split("\n")) {
        const at = line.indexOf("/");
        if (at > 0 && line.includes(".so", at)) {
            const place = path.dirname(line.slice(at));
            places.add(place);
            if (place.startsWith("/usr/lib/")) {
                places.add(place.slice(4));
            }
        }
    }
} catch (error) {
    // Without /proc there is less to see.
}

const mounts = [];
for (const place of [...places].filter((each) => fs.existsSync(each)).sort()) {
    // What lies below a directory that is mounted already comes with it.
    if (!mounts.some((other) => place.startsWith(other.dst + "/"))) {
        mounts.push({src: fs.realpathSync(place), dst: place});
    }
}
console.log(JSON.stringify({version: "VERSION", file: process.execPath, mounts}));
