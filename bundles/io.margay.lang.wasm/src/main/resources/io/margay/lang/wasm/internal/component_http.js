// SPDX-License-Identifier: Apache-2.0
// The interface wasi:http/types for one request at a time, whose bodies pass between this thread and the one that has
// the connections: this one waits where a component may block.

const COUNTED = 0;
const GONE = 1;
const POSTED = 2;
const MOST_UNSENT = 1 << 20;
const PIECE = 65_536;
const METHODS = new Set(["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"]);
/** Fields of the connection, which a component neither sees nor sets. */
const OF_CONNECTION = new Set(["connection", "keep-alive", "host", "proxy-connection", "transfer-encoding", "upgrade",
    "te", "http2-settings"]);

/** Sends an answer to the thread that has the connection; waits while that has too much of it. */
class Answer {
    #port;
    #shared;
    begun = false;

    constructor(port, shared) {
        this.#port = port;
        this.#shared = shared;
    }

    head(status, fields) {
        this.begun = true;
        this.#port.postMessage({status, fields});
    }

    body(bytes) {
        if (Atomics.load(this.#shared, GONE) !== 0) {
            throw {tag: "closed"};
        }
        for (let at = 0; at < bytes.length; at += PIECE) {
            const piece = bytes.slice(at, at + PIECE);
            let unsent = Atomics.add(this.#shared, COUNTED, piece.length) + piece.length;
            this.#port.postMessage({piece}, [piece.buffer]);
            while (unsent > MOST_UNSENT && Atomics.load(this.#shared, GONE) === 0) {
                Atomics.wait(this.#shared, COUNTED, unsent);
                unsent = Atomics.load(this.#shared, COUNTED);
            }
        }
    }

    end() {
        this.#port.postMessage({end: true});
    }

    fail(why) {
        this.#port.postMessage({fail: why});
    }
}

/** What the shim's classes are the parents of; the components know no difference. */
function httpTypes(shim) {
    const {InputStream, OutputStream} = shim.io.streams;
    const ready = () => shim.clocks.monotonicClock.subscribeDuration(0n);

    class BodyInput extends InputStream {
        #port;
        #shared;
        #rest = new Uint8Array(0);
        #ended = false;

        constructor(port, shared) {
            super();
            this.#port = port;
            this.#shared = shared;
        }

        #fill(wait) {
            while (this.#rest.length === 0 && !this.#ended) {
                const seen = Atomics.load(this.#shared, POSTED);
                const got = threads.receiveMessageOnPort(this.#port);
                if (got === undefined) {
                    if (!wait) {
                        return;
                    }
                    Atomics.wait(this.#shared, POSTED, seen);
                } else if (got.message === null) {
                    this.#ended = true;
                } else {
                    this.#rest = got.message;
                    this.#port.postMessage(got.message.length);
                }
            }
        }

        #take(length, wait) {
            this.#fill(wait);
            if (this.#rest.length === 0 && this.#ended) {
                throw {tag: "closed"};
            }
            const end = Number(length < BigInt(this.#rest.length) ? length : BigInt(this.#rest.length));
            const piece = this.#rest.slice(0, end);
            this.#rest = this.#rest.subarray(end);
            return piece;
        }

        // Not to wait at all is no use to anybody here: what is subscribed to is always ready.
        read(length) {
            return this.#take(length, length > 0n);
        }

        blockingRead(length) {
            return this.#take(length, length > 0n);
        }

        skip(length) {
            return BigInt(this.#take(length, length > 0n).length);
        }

        blockingSkip(length) {
            return this.skip(length);
        }

        subscribe() {
            return ready();
        }
    }

    /** Gives what is written to a function. */
    class Sink extends OutputStream {
        #to;

        constructor(to) {
            super();
            this.#to = to;
        }

        checkWrite() {
            return BigInt(MOST_UNSENT);
        }

        write(bytes) {
            this.#to(bytes);
        }

        blockingWriteAndFlush(bytes) {
            this.#to(bytes);
        }

        flush() {
            // Nothing is held back.
        }

        blockingFlush() {
            // Nothing is held back.
        }

        writeZeroes(length) {
            for (let left = length; left > 0n; left -= BigInt(PIECE)) {
                this.#to(new Uint8Array(Number(left < BigInt(PIECE) ? left : BigInt(PIECE))));
            }
        }

        blockingWriteZeroesAndFlush(length) {
            this.writeZeroes(length);
        }

        splice(from, length) {
            const bytes = from.blockingRead(length);
            this.#to(bytes);
            return BigInt(bytes.length);
        }

        blockingSplice(from, length) {
            return this.splice(from, length);
        }

        subscribe() {
            return ready();
        }
    }

    /** Those of a request, which cannot be changed. */
    class RequestFields extends shim.http.types.Fields {
        #made = false;

        constructor(pairs) {
            super();
            for (let i = 0; i < pairs.length; i += 2) {
                if (!OF_CONNECTION.has(pairs[i].toLowerCase())) {
                    super.append(pairs[i], Buffer.from(pairs[i + 1], "latin1"));
                }
            }
            this.#made = true;
        }

        set(name, values) {
            this.#change(() => super.set(name, values));
        }

        append(name, value) {
            this.#change(() => super.append(name, value));
        }

        delete(name) {
            this.#change(() => super.delete(name));
        }

        #change(how) {
            if (this.#made) {
                throw {tag: "immutable"};
            }
            how();
        }
    }

    class FutureTrailers {
        #taken = false;

        subscribe() {
            return ready();
        }

        get() {
            if (this.#taken) {
                return {tag: "err", val: undefined};
            }
            this.#taken = true;
            return {tag: "ok", val: {tag: "ok", val: undefined}};
        }
    }

    class IncomingBody {
        #stream;

        constructor(stream) {
            this.#stream = stream;
        }

        stream() {
            if (this.#stream === undefined) {
                throw undefined;
            }
            const stream = this.#stream;
            this.#stream = undefined;
            return stream;
        }

        static finish() {
            return new FutureTrailers();
        }
    }

    class IncomingRequest {
        #facts;
        #body;

        constructor(facts, body) {
            this.#facts = facts;
            this.#body = body;
        }

        method() {
            const lower = this.#facts.method.toLowerCase();
            return METHODS.has(lower) ? {tag: lower} : {tag: "other", val: this.#facts.method};
        }

        pathWithQuery() {
            return this.#facts.target;
        }

        scheme() {
            return {tag: this.#facts.scheme === "https" ? "HTTPS" : "HTTP"};
        }

        authority() {
            return this.#facts.authority;
        }

        headers() {
            return new RequestFields(this.#facts.fields);
        }

        consume() {
            if (this.#body === undefined) {
                throw undefined;
            }
            const body = new IncomingBody(this.#body);
            this.#body = undefined;
            return body;
        }
    }

    /** Buffers what is written before the head is known. */
    class OutgoingBody {
        #answer;
        #early = [];
        #size = 0;
        #taken = false;

        write() {
            if (this.#taken) {
                throw undefined;
            }
            this.#taken = true;
            return new Sink((bytes) => this.#put(bytes));
        }

        #put(bytes) {
            if (this.#answer) {
                this.#answer.body(bytes);
            } else if ((this.#size += bytes.length) > MOST_UNSENT) {
                throw {tag: "closed"};
            } else {
                this.#early.push(bytes.slice());
            }
        }

        open(answer) {
            this.#answer = answer;
            this.#early.forEach((bytes) => answer.body(bytes));
            this.#early = [];
        }

        /** Trailers are dropped. */
        static finish() {
            // The end is that of the request.
        }
    }

    class OutgoingResponse {
        #fields;
        #status = 200;
        #body;

        constructor(fields) {
            this.#fields = fields;
        }

        statusCode() {
            return this.#status;
        }

        setStatusCode(status) {
            if (status < 200 || status > 599) {
                throw undefined;
            }
            this.#status = status;
        }

        headers() {
            return this.#fields;
        }

        body() {
            if (this.#body) {
                throw undefined;
            }
            this.#body = new OutgoingBody();
            return this.#body;
        }

        send(answer) {
            answer.head(this.#status, this.#fields.entries()
                .flatMap(([name, value]) => [name, Buffer.from(value).toString("latin1")]));
            this.#body?.open(answer);
        }
    }

    /** Is refused in the end, but its body can be written. */
    class OutgoingRequest extends shim.http.types.OutgoingRequest {
        body() {
            return new OutgoingBody();
        }
    }

    class ResponseOutparam {
        #answer;

        constructor(answer) {
            this.#answer = answer;
        }

        static set(param, response) {
            if (response.tag === "ok") {
                response.val.send(param.#answer);
            } else {
                param.#answer.begun = true;
                param.#answer.fail("response generation failed: " + (response.val?.tag ?? response.val));
            }
        }
    }

    return {BodyInput, Sink, IncomingRequest, ResponseOutparam, types: {...shim.http.types, FutureTrailers,
        IncomingBody, IncomingRequest, OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam}};
}
