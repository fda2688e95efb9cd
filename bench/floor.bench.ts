// A trading floor: 200 traders with 5 portfolios of 10 positions and 100 watched of 5,000 instruments each, all with an open
// dashboard, while 15,000 quotes per second arrive. Compares the desk with a bare socket.io process that parses the same
// requests and sends the same changes to the same screens. Every part is a process of its own.
import type * as FloorModule from './floor/floor.js';

// Node runs this file as it is, so the path has the extension of the source.
const { Floor, PANELS, printed } = (await import(
  new URL('./floor/floor.ts', import.meta.url).href
)) as typeof FloorModule;

const TRADERS = Number(process.env['FLOOR_TRADERS'] ?? 200);
const rate = {
  batchesPerSecond: Number(process.env['FLOOR_RATE'] ?? 20),
  seconds: Number(process.env['FLOOR_SECONDS'] ?? 10),
};
/** Ours / bare quotes, bare / ours CPU time of a quote, bare / ours p99. */
const FLOORS = { quotes: 0.9, cpu: 0.25, p99: 0.5 };

const floor = new Floor({ traders: TRADERS, instruments: 5_000, watched: 100, portfolios: 5, positions: 10 });
const print = printed('floor');
try {
  const desk = await floor.open();
  const traders = await floor.addTraders('trader', TRADERS);
  const first: object[] = [];
  for (const { token, keys } of traders) {
    const path = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(PANELS))}`;
    const { portfolios, positions } = (await floor.call('GET', path, undefined, token)).panels;
    first.push({ keys, positions: positions.rows, portfolios: portfolios.rows, totals: portfolios.totals });
  }

  const bare = floor.start('bare.mjs');
  const { url } = await floor.answer<{ url: string }>(bare, first);
  const bareScreens = await floor.screens({ url, namespace: '', auths: traders.map((_, screen) => ({ screen })) });
  const theirs = await floor.measure(bare, url, bareScreens, rate);
  floor.stop(bareScreens);
  floor.stop(bare);

  const ours = await floor.measure(desk, floor.url, await floor.deskScreens(traders), rate);
  print('quotes per second', ours.quotesPerSecond / theirs.quotesPerSecond, FLOORS.quotes, {
    ...{ ours: ours.quotesPerSecond, bare: theirs.quotesPerSecond, statuses: ours.statuses },
    ...{ operations: ours.operations, bareOperations: theirs.operations },
  });
  const perQuote = ({ cpu, quotesPerSecond }: typeof ours) => (cpu * 1e6) / quotesPerSecond;
  print('processor time of the server for each quote, µs', perQuote(theirs) / perQuote(ours), FLOORS.cpu, {
    ...{ ours: perQuote(ours), bare: perQuote(theirs) },
    ...{ oursCores: ours.cpu, bareCores: theirs.cpu, postgresCores: ours.postgres },
  });
  print('p99 from commit to screen, ms', theirs.p99 / ours.p99, FLOORS.p99, { ours: ours.p99, bare: theirs.p99 });
} finally {
  floor.close();
}
