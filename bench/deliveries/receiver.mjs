// A process that receives messages. It records the time of each first receipt and reports on request. Paths that begin
// with /hang are never answered.
import { createServer } from 'node:http';

let seen = new Map();
let total = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.url.startsWith('/hang')) return;
    total += 1;
    const id = `${request.url} ${request.headers['webhook-id']}`;
    if (!seen.has(id)) seen.set(id, performance.timeOrigin + performance.now());
    response.writeHead(204).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.on('message', () => {
  process.send({ total, seen: [...seen] });
  [seen, total] = [new Map(), 0];
});
process.on('disconnect', () => process.exit());
