// SPDX-License-Identifier: Apache-2.0
// Makes a component by the tools that jco brings: directory of the package, file, name of text and world, and a module
// whose text is part of it with functions in place of its imports.
import {readFileSync, writeFileSync} from "node:fs";
import {pathToFileURL} from "node:url";

const [, , tools, file, name, module] = process.argv;
const {$init, tools: {parse, componentEmbed, componentNew}} =
    await import(pathToFileURL(tools + "/vendor/wasm-tools.js"));
await $init;
const read = (which) => readFileSync(new URL(which, import.meta.url), "utf8");
// Its functions are called by their names, and nobody else calls them.
const included = module && readFileSync(module, "utf8").replace(/^.*?\n(?= {2}\(memory)/s, "").replace(/\)\s*$/, "")
    .replace(/\(func \(export "(\w+)"\)/g, "(func $$$1");
const text = read(name + ".wat").replace(/^ *;; INCLUDE$/m, () => included);
const core = componentEmbed({binary: parse(text), witSource: read(name + ".wit"), world: "proxy"});
writeFileSync(file, componentNew(core, []));
