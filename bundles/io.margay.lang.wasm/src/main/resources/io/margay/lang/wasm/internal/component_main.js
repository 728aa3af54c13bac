// SPDX-License-Identifier: Apache-2.0
// Serves HTTP on the inherited socket and gives requests to threads that run the component.

const nodeHttp = require("node:http");

const CLIENT = "margay-client";
const FAILED = 503;
const PROGRAM = 4;
/** The archives of the transpiler and of the shim. */
const FIRST_PACKAGE = 5;

/** Its name; threads, which run this file, too, do not have it and report nothing themselves. */
let application = "";

/** One line of the log, with the application, since several may write there. */
function report(error) {
    const line = `WASM ERROR: ${error?.message ?? error} (application "${application}")`;
    process.stderr.write(line.replace(/\s+/g, " ") + "\n");
}

/** Runs this program in another thread; gives what that says first. */
function thread(source, workerData) {
    return new Promise((resolve, reject) => {
        const worker = new threads.Worker(source, {eval: true, workerData});
        worker.once("error", reject);
        worker.once("message", (first) => {
            worker.off("error", reject);
            resolve([worker, first]);
        });
    });
}

/** Passes a request to a worker, and its answer back. */
class Exchange {
    #request;
    #response;
    #shared = new Int32Array(new SharedArrayBuffer(12));
    #port;
    #done;
    #unread = 0;
    #sent = 0;
    #declared;

    constructor(request, response, worker, done) {
        this.#request = request;
        this.#response = response;
        this.#done = done;
        response.sendDate = false;
        const {port1, port2} = new threads.MessageChannel();
        this.#port = port1;
        port1.on("message", (message) => this.#heard(message));
        request.on("data", (bytes) => this.#post(bytes, bytes.length));
        request.on("end", () => this.#post(null, 0));
        response.on("close", () => {
            Atomics.store(this.#shared, GONE, 1);
            Atomics.notify(this.#shared, COUNTED);
            // A component that waits for the rest of the body gets no more.
            this.#post(null, 0);
        });
        worker.postMessage({request: facts(request), port: port2, shared: this.#shared}, [port2]);
    }

    #post(bytes, length) {
        this.#port.postMessage(bytes);
        Atomics.add(this.#shared, POSTED, 1);
        Atomics.notify(this.#shared, POSTED);
        this.#unread += length;
        if (this.#unread > MOST_UNSENT) {
            this.#request.pause();
        }
    }

    #heard(message) {
        if (typeof message === "number") {
            this.#unread -= message;
            if (this.#unread <= MOST_UNSENT) {
                this.#request.resume();
            }
        } else if (message.piece) {
            this.#write(message.piece);
        } else if (message.status) {
            this.#head(message);
        } else {
            this.end(message.fail);
        }
    }

    #head({status, fields}) {
        for (let i = 0; i < fields.length; i += 2) {
            if (fields[i].toLowerCase() === "content-length") {
                this.#declared = Number(fields[i + 1]);
            }
        }
        try {
            this.#response.writeHead(status, fields);
        } catch (error) {
            report("response generation failed: " + error.message);
            this.#response.destroy();
        }
    }

    #write(piece) {
        this.#sent += piece.length;
        this.#response.write(piece, () => {
            Atomics.sub(this.#shared, COUNTED, piece.length);
            Atomics.notify(this.#shared, COUNTED);
        });
    }

    /** The worker has done its part; an answer that is not complete must not look as if it were. */
    end(why) {
        const response = this.#response;
        if (why) {
            report(why);
        }
        if (response.headersSent || response.destroyed) {
            const short = this.#declared !== undefined && this.#declared !== this.#sent
                && this.#request.method !== "HEAD";
            if (why || short) {
                response.destroy();
            } else {
                response.end();
            }
        } else {
            response.writeHead(FAILED, {"Content-Length": 0});
            response.end();
        }
        this.#request.resume();
        this.#port.close();
        this.#done();
    }
}

/** What a component learns of a request; only the server can send the field. */
function facts(request) {
    const fields = [];
    let told = "";
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
        if (request.rawHeaders[i].toLowerCase() === CLIENT) {
            told = request.rawHeaders[i + 1];
        } else {
            fields.push(request.rawHeaders[i], request.rawHeaders[i + 1]);
        }
    }
    return {method: request.method, target: request.url, fields, scheme: told.split(" ")[0],
        authority: (request.headers.host ?? "localhost").replace(/:\d*$/, "").toLowerCase()};
}

/** The threads; who finds none that is idle starts one, up to a number, or waits. */
class Pool {
    #source;
    #data;
    #most;
    #count = 0;
    #idle = [];
    #waiting = [];

    constructor(source, data, most) {
        this.#source = source;
        this.#data = data;
        this.#most = most;
    }

    async start() {
        this.#count++;
        let ended = () => {};
        const [worker] = await thread(this.#source, this.#data).catch((error) => {
            this.#count--;
            throw error;
        });
        const entry = {worker, busy: (how) => {
            ended = how;
        }};
        worker.on("error", (error) => report(error));
        worker.on("exit", () => {
            this.#count--;
            this.#idle = this.#idle.filter((other) => other !== entry);
            ended("failed to invoke wasm `handle`: its thread ended");
        });
        return entry;
    }

    async serve(request, response) {
        let entry = this.#idle.pop();
        if (!entry && this.#count < this.#most) {
            entry = await this.start();
        }
        entry ??= await new Promise((resolve) => this.#waiting.push(resolve));
        let done = false;
        const exchange = new Exchange(request, response, entry.worker, () => {
            done = true;
            entry.busy(() => {});
            this.release(entry);
        });
        entry.busy((why) => done || exchange.end(why));
    }

    release(entry) {
        const next = this.#waiting.shift();
        if (next) {
            next(entry);
        } else {
            this.#idle.push(entry);
        }
    }
}

async function main() {
    const {component: name, directories, threads: most} = JSON.parse(process.argv[process.argv.length - 1]);
    application = JSON.parse(process.env.MARGAY_INIT).name;
    process.title = `unit: "${application}" application`;
    delete process.env.MARGAY_INIT;
    const source = fs.readFileSync("/proc/self/fd/" + PROGRAM, "utf8");
    const files = new Map();
    [SCOPE + "jco-transpile", SCOPE + "preview2-shim"].forEach((name, index) =>
        unpack("/proc/self/fd/" + (FIRST_PACKAGE + index), name, files));
    let component;
    try {
        component = fs.readFileSync(name);
        for (const directory of directories) {
            if (!fs.statSync(directory).isDirectory()) {
                throw new Error(`"${directory}" is no directory`);
            }
        }
    } catch (error) {
        throw new Error("failed to create initial state: " + error.message);
    }
    const [transpiler, made] = await thread(source, {files, component}).catch((error) => {
        throw new Error("failed to compile component: " + error.message);
    });
    await transpiler.terminate();
    if (!made.handles) {
        throw new Error("failed to conform to proxy: it does not export " + HANDLER);
    }
    const shim = new Map([...files].filter(([file]) => file.startsWith(SHIM)));
    const pool = new Pool(source, {files: shim, source: made.source, modules: made.modules, directories}, most);
    pool.release(await pool.start().catch((error) => {
        throw new Error("failed to pre-instantiate the provided component: " + error.message);
    }));
    const server = nodeHttp.createServer({keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0,
        insecureHTTPParser: false}, (request, response) => pool.serve(request, response).catch((error) => {
        report(error);
        response.destroy();
    }));
    server.listen({fd: 3});
    process.on("SIGTERM", () => {
        server.close(() => process.exit(0));
        server.closeIdleConnections();
    });
}

if (threads.isMainThread) {
    main().catch((error) => {
        report(error);
        process.exit(1);
    });
} else if (threads.workerData.component) {
    transpile(threads.workerData);
} else {
    serveThread(threads.workerData);
}
