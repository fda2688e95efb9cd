// Sends a delta of 1 KB to 2,000 sockets, again and again, and compares the deliveries per second with those of a bare socket.io
// server that broadcasts the same event. Servers and clients are processes of their own.
import type * as SocketBench from './sockets/socket-bench.js';

// Node runs this file as it is, so the path has the extension of the source.
const { SocketServer } = (await import(
  new URL('./sockets/socket-bench.ts', import.meta.url).href
)) as typeof SocketBench;

const SOCKETS = 2_000;
const [ROUNDS, RUNS] = [40, 5];
const FLOOR = 0.8;

const servers = { bare: await SocketServer.start('bare'), desk: await SocketServer.start('desk') };
const measured = { bare: { rate: 0, cpuRate: 0 }, desk: { rate: 0, cpuRate: 0 } };
try {
  for (const server of Object.values(servers)) await server.open(SOCKETS);
  // Taken in turns, so that both get the same share of a busy machine, of which the best run shows least.
  for (let run = 0; run < RUNS; run++) {
    for (const kind of ['bare', 'desk'] as const) {
      const { rate, cpuRate } = await servers[kind].fan(ROUNDS, SOCKETS, 1_024);
      const best = measured[kind];
      measured[kind] = { rate: Math.max(best.rate, rate), cpuRate: Math.max(best.cpuRate, cpuRate) };
    }
  }
} finally {
  for (const server of Object.values(servers)) server.stop();
}
for (const [name, what] of [
  ['rate', 'deliveries of 1 KB per second, Deskwire : bare socket.io'],
  ['cpuRate', 'deliveries per second of processor time, Deskwire : bare socket.io'],
] as const) {
  const [ours, bare] = [measured.desk[name], measured.bare[name]];
  console.log(
    JSON.stringify({
      ...{ bench: 'sockets-fanout', what },
      ...{ ratio: Number((ours / bare).toFixed(2)), floor: FLOOR, pass: ours / bare >= FLOOR },
      ...{ ours: Math.round(ours), bare: Math.round(bare), sockets: SOCKETS },
    }),
  );
}
