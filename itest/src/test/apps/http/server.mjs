// SPDX-License-Identifier: Apache-2.0
// Kinds of servers, by the argument.
import { createServer } from "node:http";
import https from "node:https";

const answer = (request, response) => response.end(`${process.argv[2]} ${process.argv[3]} ${request.method} `
    + `${Boolean(request.socket.encrypted)} ${server.address().port}`);
let server;
switch (process.argv[2]) {
    case "https":
        server = https.createServer({}, answer).listen({port: 443, host: "0.0.0.0"});
        break;
    case "late":
        await new Promise((resolve) => setTimeout(resolve, 300));
        server = createServer(answer);
        server.listen();
        break;
    case "twice":
        server = createServer(answer).listen(3000, "127.0.0.1", () => {
            createServer(() => process.exit(1)).listen(3000, "::1", function listening() {
                this.close(() => console.error("the other one is closed"));
            });
        });
        break;
    case "handler":
        server = createServer(answer).listen("0", "localhost");
        process.on("SIGTERM", () => server.close(() => process.exit(9)));
        break;
    default:
        console.error("nothing listens");
}
