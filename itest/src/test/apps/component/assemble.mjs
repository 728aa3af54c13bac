// SPDX-License-Identifier: Apache-2.0
// Makes the component of core.wat and world.wit by the tools that jco brings: directory of the package, file.
import {readFileSync, writeFileSync} from "node:fs";
import {pathToFileURL} from "node:url";

const [, , tools, file] = process.argv;
const {$init, tools: {parse, componentEmbed, componentNew}} =
    await import(pathToFileURL(tools + "/vendor/wasm-tools.js"));
await $init;
const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const core = componentEmbed({binary: parse(read("core.wat")), witSource: read("world.wit"), world: "proxy"});
writeFileSync(file, componentNew(core, []));
