// SPDX-License-Identifier: Apache-2.0
// A thread that runs the component: a new instance for each request.

const TRANSPILER = SCOPE + "jco-transpile/vendor/js-component-bindgen-component.js";
const HANDLER = "wasi:http/incoming-handler";

/** Makes JavaScript of a component, once for a process. */
async function transpile({files, component}) {
    const transpiler = await new Packages(files).load(TRANSPILER);
    await transpiler.$init;
    const {files: made, imports, exports} = transpiler.generate(component,
        {name: "component", instantiation: {tag: "async"}, noTypescript: true, noNodejsCompat: true});
    const modules = {};
    let source = "";
    for (const [name, bytes] of made) {
        if (name.endsWith(".wasm")) {
            modules[name] = await WebAssembly.compile(bytes);
        } else if (name === "component.js") {
            source = Buffer.from(bytes).toString();
        }
    }
    threads.parentPort.postMessage({source, modules, imports, handles: exports.some(([name]) =>
        name.startsWith(HANDLER))});
}

function writeAll(to, bytes) {
    for (let at = 0; at < bytes.length;) {
        try {
            at += fs.writeSync(to, bytes, at);
        } catch (error) {
            if (error.code !== "EAGAIN") {
                throw {tag: "closed"};
            }
        }
    }
}

/** What the component imports, for a request. */
function importsOf(shim, http) {
    const {InputStream} = shim.io.streams;
    const out = new http.Sink((bytes) => writeAll(1, bytes));
    const err = new http.Sink((bytes) => writeAll(2, bytes));
    const leave = (code) => {
        throw new Error("it exited with code " + code);
    };
    class Empty extends InputStream {
        read() {
            throw {tag: "closed"};
        }

        blockingRead() {
            throw {tag: "closed"};
        }
    }
    return {
        ...new shim.instantiation.WASIShim({sandbox: {preopens: shim.preopens, env: {...process.env}, args: [],
            enableNetwork: false}}).getImportObject(),
        "wasi:cli/exit": {exit: (status) => leave(status.tag === "ok" ? 0 : 1), exitWithCode: leave},
        "wasi:cli/stdin": {getStdin: () => new Empty()},
        "wasi:cli/stdout": {getStdout: () => out},
        "wasi:cli/stderr": {getStderr: () => err},
        "wasi:cli/terminal-stdin": {getTerminalStdin: () => undefined},
        "wasi:cli/terminal-stdout": {getTerminalStdout: () => undefined},
        "wasi:cli/terminal-stderr": {getTerminalStderr: () => undefined},
        "wasi:http/types": http.types,
        "wasi:http/outgoing-handler": {
            handle() {
                throw {tag: "HTTP-request-denied"};
            },
        },
    };
}

async function serveThread({files, source, modules, directories}) {
    const packages = new Packages(files);
    const shim = {...await packages.load(SHIM + "dist/nodejs/index.js"),
        instantiation: await packages.load(SHIM + "dist/common/instantiation.js"),
        preopens: Object.fromEntries(directories.map((directory) => [directory, directory]))};
    const http = httpTypes(shim);
    const {instantiate} = await import("data:text/javascript;base64," + Buffer.from(source).toString("base64"));
    const handler = async () => {
        const component = await instantiate((name) => modules[name], importsOf(shim, http));
        return component.incomingHandler ?? component[Object.keys(component).find((name) => name.startsWith(HANDLER))];
    };
    // What it imports that nobody offers is known before the first request.
    await handler();
    threads.parentPort.on("message", async ({request, port, shared}) => {
        const answer = new Answer(port, shared);
        try {
            const instance = await handler();
            instance.handle(new http.IncomingRequest(request, new http.BodyInput(port, shared)),
                new http.ResponseOutparam(answer));
            if (answer.begun) {
                answer.end();
            } else {
                answer.fail("response generation failed: it gave no response");
            }
        } catch (error) {
            answer.fail("failed to invoke wasm `handle`: " + (error?.message ?? error?.tag ?? error));
        }
    });
    threads.parentPort.postMessage("ready");
}
