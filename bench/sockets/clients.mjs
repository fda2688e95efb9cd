// Many sockets over bare TCP connections, which only count bytes: a client library would take longer than the server.
// Told over IPC: `{ url, token, count }` opens sockets and answers `{ open }`; `{ expect: bytes }` answers `{ received }` when as
// many more bytes have come.
import { once } from 'node:events';
import { connect } from 'node:net';

let total = 0;
let target = Infinity;
const count = (chunk) => {
  total += chunk.length;
  if (total < target) return;
  target = Infinity;
  process.send({ received: total });
};

/** A masked text frame; the mask is zero. */
function frame(text) {
  const body = Buffer.from(text);
  const head = Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, body]);
}

async function until(line, text) {
  for (let seen = ''; !seen.includes(text);) seen += String((await once(line, 'data'))[0]);
}

async function open({ hostname, port }, token) {
  const line = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(line, 'connect');
  line.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`,
  );
  await until(line, '"maxPayload"');
  line.write(frame(`40/dashboard,${JSON.stringify({ token })}${' '.repeat(126)}`));
  await until(line, '40/dashboard,');
  line.on('data', count);
}

process.on('message', async ({ url, token, count: sockets, expect }) => {
  if (expect !== undefined) {
    target = total + expect;
    process.send({ waiting: expect });
    return;
  }
  const address = new URL(url);
  for (let opened = 0; opened < sockets; opened += 50) {
    await Promise.all(Array.from({ length: Math.min(50, sockets - opened) }, () => open(address, token)));
    await new Promise((resolve) => setTimeout(resolve, 60)); // Below the desk's limit of new sockets per second.
  }
  process.send({ open: sockets });
});
