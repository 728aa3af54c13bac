// SPDX-License-Identifier: Apache-2.0
const express = require('express');
const { WebSocketServer } = require('ws');

const app = express();
app.use(express.json());
app.get('/', (request, response) => response.send('express'));
app.get('/who/:name', (request, response) => response.json({
    name: request.params.name,
    ip: request.ip,
    at: `${request.socket.localAddress}:${request.socket.localPort}`,
    tls: request.secure,
    fields: [request.rawHeaders.length / 2, Object.keys(request.headers).length,
        Object.keys(request.headersDistinct).length],
}));
app.post('/sum', (request, response) => response.json(request.body.reduce((a, b) => a + b, 0)));

const server = app.listen(3000);
const sockets = new WebSocketServer({ server, path: '/socket' });
sockets.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })));
