// What the cost of a tick grows with. The same floor as in the floor bench, at quotes that leave the server time, measured before
// and after it grows: instruments that nobody watches, rows outside all windows, and users. Compares the processor time of the
// server for the same quotes.
import type * as FloorModule from './floor/floor.js';
import type * as PrintedModule from './floor/printed.js';

// Node runs this file as it is, so the paths have the extension of the source.
const { Floor } = (await import(new URL('./floor/floor.ts', import.meta.url).href)) as typeof FloorModule;
const { printed } = (await import(new URL('./floor/printed.ts', import.meta.url).href)) as typeof PrintedModule;

const TRADERS = Number(process.env['FLOOR_TRADERS'] ?? 60);
const rate = { batchesPerSecond: 5, batch: 750, seconds: Number(process.env['FLOOR_SECONDS'] ?? 4) };
const WARM_UP_SECONDS = 10;
/** Times as many instruments, and times as many rows: what depends on them by a twentieth is seen above the noise of 10 %. */
const GROWTH = 10;
/** Before / after. Nothing may be measured that is not noise, except for twice the users. */
const FLOORS = { unwatched: 0.75, outside: 0.75, users: 1 / 2.2 };

const floor = new Floor({ traders: TRADERS, instruments: 5_000, watched: 100, portfolios: 5, positions: 10 });
const print = printed('floor-scale');
/** Operations that one screen gets per second. */
let first: number | undefined;
const cores = async (
  desk: Awaited<ReturnType<typeof floor.open>>,
  traders: Awaited<ReturnType<typeof floor.addTraders>>,
  seconds = rate.seconds,
) => {
  const screens = await floor.deskScreens(traders);
  await floor.answer(desk, 'collect'); // So that all windows begin alike.
  const { cpu, statuses, operations } = await floor.measure(desk, floor.url, screens, { ...rate, seconds });
  floor.stop(screens);
  if (Object.keys(statuses).some((status) => status !== '200')) throw new Error(JSON.stringify(statuses));
  // A desk that falls behind merges changes, and would look cheaper.
  const each = operations / traders.length / seconds;
  first ??= each;
  if (each < first * 0.9)
    throw new Error(`A screen gets ${each} operations per second, and ${first} before the desk grew.`);
  return cpu;
};
/** The lower of two: what a desk does once a minute, such as its points of history, falls in one of them. */
const lowest = async (...of: Parameters<typeof cores>) => Math.min(await cores(...of), await cores(...of));
try {
  const desk = await floor.open();
  const traders = await floor.addTraders('trader', TRADERS);
  await cores(desk, traders, WARM_UP_SECONDS);
  const before = await lowest(desk, traders);

  const added = (GROWTH - 1) * floor.size.instruments;
  await floor.addInstruments('U', added);
  const asOf = new Date().toISOString();
  for (let from = 0; from < added; from += floor.size.instruments) {
    const keys = Array.from({ length: floor.size.instruments }, (_, n) => `U${from + n}`);
    const quotes = keys.map((key) => ({ broker: 'bench', key, price: '100', asOf }));
    await floor.call('POST', '/v1/quotes', { quotes }, floor.operator);
  }
  const unwatched = await lowest(desk, traders);
  print('ten times the instruments, the new ones unwatched', before / unwatched, FLOORS.unwatched, {
    before,
    unwatched,
  });

  // Ten times the portfolios of all traders, of one whose dashboard nobody has open, in contracts without new quotes.
  const [other] = await floor.sql<{ id: string }>("SELECT id FROM users WHERE email = 'admin@example.com'");
  await floor.addPortfolios(other!.id, 'other', (GROWTH - 1) * TRADERS * floor.size.portfolios, 'U');
  await floor.flush();
  const outside = await lowest(desk, traders);
  print('ten times the rows, the new ones outside all windows', unwatched / outside, FLOORS.outside, {
    ...{ before: unwatched, outside },
  });

  const more = await floor.addTraders('more', TRADERS);
  const users = await lowest(desk, [...traders, ...more]);
  print('twice the users', outside / users, FLOORS.users, { before: outside, users });
} finally {
  floor.close();
}
