// Posts batches of quotes at a fixed rate, whatever the answers, and keeps when each was acknowledged.
// Told over IPC: { url, token, keys, batch, perSecond, seconds, first }; answers { acknowledged: [[batch, at]], stored, statuses }.
import { Agent, request } from 'node:http';
import { once } from 'node:events';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const now = () => performance.timeOrigin + performance.now();
const post = (url, token, body) =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    request(`${url}/v1/quotes`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end(body);
  });

process.on('message', async ({ url, token, keys, batch, perSecond, seconds, first }) => {
  const acknowledged = [];
  const statuses = {};
  const running = new Set();
  let next = 0;
  const total = perSecond * seconds;
  const begin = now();
  for (let number = 0; number < total; number++) {
    const due = begin + (number * 1_000) / perSecond;
    if (due > now()) await new Promise((resolve) => setTimeout(resolve, due - now()));
    const asOf = new Date().toISOString();
    const digits = String(first + number).padStart(6, '0');
    const quotes = Array.from({ length: batch }, () => {
      const key = keys[next++ % keys.length];
      return { broker: 'bench', key, price: `${100 + (next % 50)}.${digits}`, asOf };
    });
    const sent = post(url, token, JSON.stringify({ quotes })).then((status) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200) acknowledged.push([first + number, now()]);
      running.delete(sent);
    });
    running.add(sent);
    // A server that cannot keep up is measured by what it acknowledges, not by an endless queue of requests.
    while (running.size >= 64) await Promise.race(running);
  }
  await Promise.all(running);
  process.send({ acknowledged, statuses, ms: now() - begin });
});
process.send('ready');
await once(process, 'disconnect');
process.exit(0);
