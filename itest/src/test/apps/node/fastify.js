// SPDX-License-Identifier: Apache-2.0
const fastify = require('fastify')();

fastify.get('/', async () => 'fastify');
fastify.get('/who/:name', async request => ({ name: request.params.name }));
fastify.post('/sum', async request => request.body.reduce((a, b) => a + b, 0));

fastify.listen({ port: 3000, host: '127.0.0.1' });
