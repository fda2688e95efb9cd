// The least that could serve the same screens: a bare socket.io server that parses the same requests and sends each screen
// the prices of its contracts that have changed, at most ten times a second. It stores and computes nothing.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { tellCpu } from './cpu.mjs';

/** Screen -> keys of its contracts. */
const screens = await new Promise((resolve) => process.once('message', resolve));
const watchers = new Map();
screens.forEach((keys, screen) => {
  for (const key of keys) watchers.set(key, (watchers.get(key) ?? []).concat(screen));
});
const sockets = new Map();
let changed = new Map();

const http = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { quotes } = JSON.parse(Buffer.concat(chunks).toString());
    for (const quote of quotes) changed.set(quote.key, quote);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ stored: quotes.length }));
  });
});
new Server(http).on('connection', (socket) => {
  const { screen } = socket.handshake.auth;
  sockets.set(screen, (sockets.get(screen) ?? new Set()).add(socket));
});
setInterval(() => {
  const frames = new Map();
  for (const [key, { price, asOf }] of changed)
    for (const screen of watchers.get(key) ?? []) {
      const patch = frames.get(screen) ?? [];
      patch.push({ op: 'replace', path: `/panels/quotes/rows/${key}/price`, value: price });
      patch.push({ op: 'replace', path: `/panels/quotes/rows/${key}/asOf`, value: asOf });
      frames.set(screen, patch);
    }
  changed = new Map();
  for (const [screen, patch] of frames)
    for (const socket of sockets.get(screen) ?? []) socket.emit('dashboard:delta', { patch });
}, 100);
tellCpu();
http.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${http.address().port}` }));
