// The least that could serve the same screens: a bare socket.io server that parses the same requests and sends each screen the
// same changes as the desk, at most ten times a second: prices, positions, portfolios and totals. It computes them as one would
// without a model: each price change times the quantity, in floating point. It stores nothing.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { tellCpu } from './cpu.mjs';

/** What each screen shows at the start, as the desk answers it: `{ keys, positions, portfolios, totals }`. */
const screens = await new Promise((resolve) => process.once('message', resolve));
const listOf = (map, key) => map.get(key) ?? map.set(key, []).get(key);
/** Key -> screens that watch it, and positions in it. */
const [watchers, holders] = [new Map(), new Map()];
screens.forEach(({ keys, positions, portfolios, totals }, screen) => {
  for (const key of keys) listOf(watchers, key).push(screen);
  for (const row of Object.values(positions))
    listOf(holders, row.key).push({ screen, row, portfolio: portfolios[row.portfolioId], total: totals[0] });
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

const replace = (path, value) => ({ op: 'replace', path: `/panels/${path}`, value });
const moved = (amount, by) => String(Number((Number(amount) + by).toFixed(6)));
const move = (row, by, names) => {
  for (const name of names) row[name] = moved(row[name], by);
};

setInterval(() => {
  const frames = new Map();
  const summed = new Map();
  for (const [key, { price, asOf }] of changed) {
    for (const screen of watchers.get(key) ?? [])
      listOf(frames, screen).push(replace(`quotes/rows/${key}/price`, price), replace(`quotes/rows/${key}/asOf`, asOf));
    for (const { screen, row, portfolio, total } of holders.get(key) ?? []) {
      const by = Number(row.quantity) * (Number(price) - Number(row.price));
      Object.assign(row, { price, pricedAt: asOf });
      move(row, by, ['value', 'unrealised', 'dayPnl', 'exposure']);
      listOf(frames, screen).push(replace(`positions/rows/${row.id}`, row));
      for (const sum of [portfolio, total]) move(sum, by, ['value', 'dayPnl']);
      summed.set(portfolio, screen).set(total, screen);
    }
  }
  changed = new Map();
  for (const [sum, screen] of summed) {
    const path = sum.portfolioId === undefined ? 'portfolios/totals/0' : `portfolios/rows/${sum.portfolioId}`;
    for (const name of ['value', 'dayPnl']) listOf(frames, screen).push(replace(`${path}/${name}`, sum[name]));
  }
  for (const [screen, patch] of frames)
    for (const socket of sockets.get(screen) ?? []) socket.emit('dashboard:delta', { patch });
}, 100);
tellCpu();
http.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${http.address().port}` }));
