// SPDX-License-Identifier: Apache-2.0
const fastify = require('fastify')();

fastify.get('/', async () => 'fastify');
fastify.get('/who/:name', async request => ({
    name: request.params.name,
    ip: request.ip,
    at: `${request.socket.localAddress}:${request.socket.localPort}`,
    tls: request.protocol === 'https',
    fields: [request.raw.rawHeaders.length / 2, Object.keys(request.raw.headers).length,
        Object.keys(request.raw.headersDistinct).length],
}));
fastify.post('/sum', async request => request.body.reduce((a, b) => a + b, 0));

fastify.listen({ port: 3000, host: '127.0.0.1' });
