// SPDX-License-Identifier: Apache-2.0
// Runs what is in packages of npm without unpacking them: no file of the server has to exist inside the application's
// root, and nothing is written. Part of one program with the files beside it.
"use strict";

const fs = require("node:fs");
const vm = require("node:vm");
const zlib = require("node:zlib");
const threads = require("node:worker_threads");

const BLOCK = 512;
const SCOPE = "@bytecodealliance/";
const SHIM = SCOPE + "preview2-shim/";

/** The files of a package by their names, which begin with that of the package. */
function unpack(file, name, files) {
    const tar = zlib.gunzipSync(fs.readFileSync(file));
    const text = (from, length) => tar.toString("latin1", from, from + length).replace(/\0.*/s, "");
    for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
        const size = parseInt(text(at + 124, 12), 8);
        const path = [text(at + 345, 155), text(at, 100)].filter((part) => part).join("/");
        const type = text(at + 156, 1);
        at += BLOCK;
        if ((type === "0" || type === "") && /\.(js|wasm|json)$/.test(path)) {
            // The archive's own first directory is no part of the name.
            files.set(name + path.slice(path.indexOf("/")), tar.subarray(at, at + size));
        }
        at += Math.ceil(size / BLOCK) * BLOCK;
    }
}

/** A module whose exports are known. */
async function synthetic(identifier, exports) {
    const module = new vm.SyntheticModule(Object.keys(exports), function set() {
        Object.entries(exports).forEach(([name, value]) => this.setExport(name, value));
    }, {identifier});
    await module.link(() => undefined);
    await module.evaluate();
    return module;
}

/** Loads modules of packages; each is loaded once. */
class Packages {
    #files;
    #modules = new Map();

    constructor(files) {
        this.#files = files;
    }

    async load(name) {
        const module = await this.#module(name);
        await module.link((specifier, from) => this.#module(this.#resolve(specifier, from.identifier)));
        await module.evaluate();
        return module.namespace;
    }

    #resolve(specifier, from) {
        if (specifier.startsWith(".")) {
            return new URL(specifier, "file:///" + from).pathname.slice(1);
        }
        if (specifier + "/" === SHIM) {
            return SHIM + "dist/nodejs/index.js";
        }
        return specifier.startsWith(SHIM) ? SHIM + "dist/nodejs/" + specifier.slice(SHIM.length) + ".js" : specifier;
    }

    #module(name) {
        if (!this.#modules.has(name)) {
            this.#modules.set(name, name.startsWith(SCOPE) ? this.#own(name) : this.#builtin(name));
        }
        return this.#modules.get(name);
    }

    #source(name) {
        const bytes = this.#files.get(name);
        if (bytes === undefined) {
            throw new Error(`the packages lack ${name}`);
        }
        return Buffer.from(bytes);
    }

    #own(name) {
        return new vm.SourceTextModule(this.#source(name).toString(), {
            identifier: name,
            initializeImportMeta: (meta) => {
                meta.url = "file:///" + name;
            },
            importModuleDynamically: (specifier) => this.#module(specifier),
        });
    }

    /** What packages read from their own directories is not there. */
    async #builtin(name) {
        const exports = {...await import(name)};
        if (name === "node:fs/promises") {
            exports.readFile = async (url) => this.#source(url.pathname.slice(1));
        } else if (name === "node:worker_threads") {
            const source = (url) => this.#source(url.pathname.slice(1)).toString()
                .replace("createRequire(import.meta.url)", "createRequire('/')");
            exports.Worker = class extends threads.Worker {
                constructor(url, options) {
                    super(new URL("data:text/javascript;base64," + Buffer.from(source(url)).toString("base64")),
                        options);
                    this.unref();
                }
            };
        }
        return synthetic(name, exports);
    }
}
