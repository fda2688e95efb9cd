// A trading floor: 200 traders with 5 portfolios of 10 positions and 100 watched of 5,000 instruments each, all with an open
// dashboard. Compares the desk with a bare socket.io process that parses the same requests and sends the same changes to the same
// screens. Every part is a process of its own. Machines differ: the ratios are taken at as many quotes as use a quarter of a core in
// the bare process, 15,000 per second at most, so that a desk at the limit of processor time fits in one core, and screens,
// feeder and PostgreSQL in another. The desk at 15,000 per second is shown beside its targets.
import type * as FloorModule from './floor/floor.js';
import type * as PrintedModule from './floor/printed.js';

// Node runs this file as it is, so the paths have the extension of the source.
const { Floor } = (await import(new URL('./floor/floor.ts', import.meta.url).href)) as typeof FloorModule;
const { printed, shown } = (await import(new URL('./floor/printed.ts', import.meta.url).href)) as typeof PrintedModule;

const TRADERS = Number(process.env['FLOOR_TRADERS'] ?? 200);
type Measured = FloorModule.Measured;

const full = { batchesPerSecond: 20, batch: 750, seconds: Number(process.env['FLOOR_SECONDS'] ?? 6) };
/** Both are measured in turn, and the medians compared: a stall of the machine falls into one round of one of them. */
const ROUNDS = 3;
/** What the bare process uses, in cores. */
const BARE_CORES = 0.25;
/** Ours / bare quotes, bare / ours CPU time of a quote, bare / ours p99. */
const FLOORS = { quotes: 0.9, cpu: 0.25, p99: 0.5 };
/** At 15,000 quotes per second; p99 in ms, and cores of PostgreSQL. */
const TARGETS = { quotes: 13_500, p99: 250, postgres: 0.5 };

const floor = new Floor({ traders: TRADERS, instruments: 5_000, watched: 100, portfolios: 5, positions: 10 });
const [print, show] = [printed('floor'), shown('floor')];
try {
  const desk = await floor.open();
  const traders = await floor.addTraders('trader', TRADERS);
  const { bare, url, screens: bareScreens } = await floor.openBare(traders);
  const screens = await floor.deskScreens(traders);
  const theirs = (rate: FloorModule.Rate) => floor.measure(bare, url, bareScreens, rate);
  const ours = (rate: FloorModule.Rate) => floor.measure(desk, floor.url, screens, rate);

  const fastest = { bare: await theirs(full), ours: await ours(full) };
  show('quotes per second, of 15,000 offered', fastest.ours.quotesPerSecond, 'at least', TARGETS.quotes, {
    ...{ bare: fastest.bare.quotesPerSecond, statuses: fastest.ours.statuses },
  });
  show('p99 at 15,000 quotes per second, ms', fastest.ours.p99, 'at most', TARGETS.p99, { bare: fastest.bare.p99 });
  show('cores of PostgreSQL at 15,000 quotes per second', fastest.ours.postgres, 'at most', TARGETS.postgres, {
    ...{ server: fastest.ours.cpu, bare: fastest.bare.cpu },
  });

  const batch = Math.min(full.batch, Math.round((full.batch * BARE_CORES) / fastest.bare.cpu));
  const rounds: Record<'bare' | 'ours', Measured>[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ bare: await theirs({ ...full, batch }), ours: await ours({ ...full, batch }) });
  const middle = (of: (round: (typeof rounds)[number]) => number) =>
    rounds.map(of).sort((one, other) => one - other)[Math.floor(ROUNDS / 2)]!;
  const numbers = (of: (measured: Measured) => number, more: object = {}) => ({
    ...{ ours: middle((round) => of(round.ours)), bare: middle((round) => of(round.bare)), ...more },
  });
  const statuses = rounds.map((round) => round.ours.statuses);
  const ratio = middle((round) => round.ours.quotesPerSecond / round.bare.quotesPerSecond);
  print(
    'quotes per second',
    ratio,
    FLOORS.quotes,
    numbers(({ quotesPerSecond }) => quotesPerSecond, { statuses }),
  );
  for (const [what, least, of] of [
    [
      'processor time of the server for each quote, µs',
      FLOORS.cpu,
      ({ cpu, quotesPerSecond }) => (cpu * 1e6) / quotesPerSecond,
    ],
    ['p99 from commit to screen, ms', FLOORS.p99, ({ p99 }) => p99],
  ] as const satisfies [string, number, (measured: Measured) => number][])
    print(
      what,
      middle((round) => of(round.bare) / of(round.ours)),
      least,
      numbers(of),
    );
} finally {
  floor.close();
}
