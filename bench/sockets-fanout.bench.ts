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
try {
  const rates: Record<'bare' | 'desk', number[]> = { bare: [], desk: [] };
  for (const server of Object.values(servers)) await server.open(SOCKETS);
  // Taken in turns, so that both get the same share of a busy machine. The first run of each warms up.
  for (let run = 0; run <= RUNS; run++) {
    for (const kind of ['bare', 'desk'] as const) {
      const rate = await servers[kind].fan(ROUNDS, SOCKETS, 1_024);
      if (run > 0) rates[kind].push(rate);
    }
  }
  const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
  const [ours, bare] = [median(rates.desk), median(rates.bare)];
  console.log(
    JSON.stringify({
      ...{ bench: 'sockets-fanout', what: 'deliveries of 1 KB per second, Deskwire : bare socket.io' },
      ...{ ratio: Number((ours / bare).toFixed(2)), floor: FLOOR, pass: ours / bare >= FLOOR },
      ...{ ours: Math.round(ours), bare: Math.round(bare), sockets: SOCKETS },
    }),
  );
} finally {
  for (const server of Object.values(servers)) server.stop();
}
