// Opens 2,000 sockets that do nothing, and compares the memory for each with that of a bare socket.io server: heap and buffers
// after a collection. Servers and clients are processes of their own.
import type * as SocketBench from './sockets/socket-bench.js';

// Node runs this file as it is, so the path has the extension of the source.
const { SocketServer } = (await import(
  new URL('./sockets/socket-bench.ts', import.meta.url).href
)) as typeof SocketBench;

/** Sockets that warm the server up, and those that are measured. */
const [WARM, SOCKETS] = [200, 2_000];
/** Bare / ours: an idle socket may cost 1.5 times as much. */
const FLOOR = 0.67;

async function bytesPerSocket(kind: 'bare' | 'desk'): Promise<{ bytes: number; rss: number }> {
  const server = await SocketServer.start(kind);
  try {
    await server.open(WARM);
    const before = await server.memory();
    await server.open(SOCKETS);
    const after = await server.memory();
    return { bytes: (after.used - before.used) / SOCKETS, rss: (after.rss - before.rss) / SOCKETS };
  } finally {
    server.stop();
  }
}

const bare = await bytesPerSocket('bare');
const ours = await bytesPerSocket('desk');
const ratio = bare.bytes / ours.bytes;
console.log(
  JSON.stringify({
    ...{ bench: 'sockets-idle', what: 'bytes per idle socket, bare socket.io : Deskwire' },
    ...{ ratio: Number(ratio.toFixed(2)), floor: FLOOR, pass: ratio >= FLOOR },
    ...{ ours: Math.round(ours.bytes), bare: Math.round(bare.bytes) },
    ...{ oursRss: Math.round(ours.rss), bareRss: Math.round(bare.rss), sockets: SOCKETS },
  }),
);
