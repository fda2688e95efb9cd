// A process of readers for the one-cut tests: REST over kept connections and sockets that apply deltas. Checks every cut it
// reads and says { reads, faults, cuts } at the end, with a digest of each cut by its snapshot id.
import { createHash } from 'node:crypto';
import patcher from 'fast-json-patch';
import { io } from 'socket.io-client';
import { Client } from 'undici';

const FAULTS_KEPT = 5;
/** Amounts have at most 4 decimals here. */
const UNIT = 10_000n;

const amount = (text) => {
  const [whole, part = ''] = text.split('.');
  return BigInt(whole + part.padEnd(4, '0'));
};
const add = (sums, key, value) => sums.set(key, (sums.get(key) ?? 0n) + value);

/** What does not add up in a document, or undefined. @param constant sums of cash by currency and of quantities by key */
function faultOf({ panels: { portfolios, positions, quotes } }, constant) {
  const prices = new Map(Object.values(quotes.rows).map(({ key, price }) => [key, price]));
  const [worth, days, held, cash, value, dayPnl] = Array.from({ length: 6 }, () => new Map());
  for (const row of Object.values(positions.rows)) {
    const { portfolioId, key, quantity, price } = row;
    const quoted = prices.get(key);
    if (amount(price) !== amount(quoted)) return `${key} of ${portfolioId} at ${price}, quoted ${quoted}`;
    if (amount(row.value) * UNIT !== amount(quantity) * amount(price))
      return `${key} of ${portfolioId}: ${quantity} at ${price} worth ${row.value}`;
    add(worth, portfolioId, amount(row.value));
    add(days, portfolioId, amount(row.dayPnl));
    add(held, key, amount(quantity));
  }
  for (const row of Object.values(portfolios.rows)) {
    const { portfolioId, currency } = row;
    const sum = (worth.get(portfolioId) ?? 0n) + amount(row.cash);
    if (amount(row.value) !== sum)
      return `portfolio ${portfolioId} is worth ${row.value}, its positions and cash ${sum}`;
    if (amount(row.dayPnl) !== (days.get(portfolioId) ?? 0n)) return `day P&L of ${portfolioId} is ${row.dayPnl}`;
    add(cash, currency, amount(row.cash));
    add(value, currency, amount(row.value));
    add(dayPnl, currency, amount(row.dayPnl));
  }
  for (const row of portfolios.totals)
    for (const [field, sums] of Object.entries({ cash, value, dayPnl }))
      if (amount(row[field]) !== sums.get(row.currency)) return `total ${field} ${row[field]} ${row.currency}`;
  for (const [name, sums] of Object.entries({ cash, held }))
    for (const [key, sum] of Object.entries(constant[name]))
      if (sums.get(key) !== BigInt(sum) * UNIT) return `${name} of ${key} sums to ${sums.get(key)} instead of ${sum}`;
  const { base } = portfolios;
  const [rate] = base.rates;
  const total = value.get(base.currency) * UNIT + value.get(rate.from) * amount(rate.price);
  return amount(base.value) * UNIT === total ? undefined : `${base.value} in ${base.currency} at ${rate.price}`;
}

/** The same text for the same document, whatever the order of its keys. */
const textOf = (value) =>
  JSON.stringify(value, (_, one) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

process.once('message', async ({ url, tokens, panels, constant, reads, rest, sockets }) => {
  const state = { reads: 0, rest: 0, frames: 0, faults: [], over: Promise.withResolvers() };
  /** Digest by snapshot id, of REST and of sockets. */
  const cuts = { rest: new Map(), socket: new Map() };
  const isEnough = () => state.reads >= reads;
  const fault = (text) => {
    if (state.faults.length < FAULTS_KEPT) state.faults.push(text);
    state.over.resolve();
  };
  const take = (from, { snapshot, panels: shown }) => {
    const wrong = faultOf({ panels: shown }, constant);
    if (wrong) fault(`${from} at ${snapshot.id}: ${wrong}`);
    if (!cuts[from].has(snapshot.id))
      cuts[from].set(
        snapshot.id,
        createHash('sha1')
          .update(textOf([snapshot, shown]))
          .digest('base64'),
      );
    state[from === 'rest' ? 'rest' : 'frames'] += 1;
    state.reads += 1;
    if (isEnough()) state.over.resolve();
  };

  const opened = [];
  const open = async (n) => {
    const socket = io(`${url}/dashboard`, {
      auth: { token: tokens[n % tokens.length] },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
    let held;
    const full = ({ snapshot, panels: shown }) => take('socket', (held = { snapshot, panels: shown }));
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
    socket.on('dashboard:snapshot', full);
    socket.on('dashboard:delta', ({ from, to, patch }) => {
      if (from !== held.snapshot.id) return fault(`a delta from ${from} to one who holds ${held.snapshot.id}`);
      patcher.applyPatch(held, patch);
      if (held.snapshot.id !== to) return fault(`a delta to ${to} ended at ${held.snapshot.id}`);
      take('socket', held);
    });
    // A promise would resolve after the first deltas.
    await new Promise((resolve) =>
      socket.emit('dashboard:subscribe', { panels }, (answer) => {
        if (answer.code) fault(JSON.stringify(answer));
        else full(answer);
        resolve();
      }),
    );
    opened.push(socket);
  };
  // One after the other and beside the REST readers: each of them keeps the desk and this process busier.
  const opening = (async () => {
    for (let n = 0; n < sockets && !isEnough() && state.faults.length === 0; n++) await open(n);
  })();
  const path = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(panels))}`;
  const client = new Client(url, { pipelining: Math.max(rest, 1) });
  let asked = 0;
  const readers = Array.from({ length: rest }, async (_, n) => {
    const token = tokens[n % tokens.length];
    while (!isEnough() && state.faults.length === 0) {
      const fresh = (asked += 1) % 16 === 0 ? { 'cache-control': 'no-cache' } : {};
      const { statusCode, body } = await client.request({
        ...{ method: 'GET', path, headers: { authorization: `Bearer ${token}`, ...fresh } },
      });
      const document = await body.json();
      if (statusCode !== 200) return fault(`REST answered ${statusCode} ${document.code}`);
      take('rest', document);
    }
  });
  await state.over.promise;
  await Promise.all([opening, ...readers]).catch((error) => fault(String(error)));
  for (const socket of opened) socket.disconnect();
  await client.destroy();
  const { faults, frames } = state;
  const all = { rest: [...cuts.rest], socket: [...cuts.socket] };
  process.send({ reads: state.reads, rest: state.rest, frames, faults, cuts: all }, () => process.exit(0));
});
