import { kiteHolding, kiteRow, readDocuments, refusalOf } from './exports.fixture.js';

const kite = (net: object[], held: object[] = [], options = {}) =>
  readDocuments('kite', { 'positions.json': { data: { net, day: [] } }, 'holdings.json': { data: held } }, options);
const none = { buyQuantity: '0', buyValue: '0', sellQuantity: '0', sellValue: '0' };

describe('positions and holdings of Kite', () => {
  it('a holding of which a part is sold is one position, and no short', () => {
    const { positions } = kite(
      [kiteRow('HELIO', { quantity: -4, day_sell_quantity: 4, day_sell_value: 1280 })],
      [kiteHolding('HELIO', 6, { opening_quantity: 10 })],
    );
    expect(positions).toEqual([
      {
        symbol: 'HELIO',
        key: '1',
        leg: 'CNC',
        quantity: '6',
        averagePrice: '90',
        lastPrice: '101',
        previousClose: '100',
        venue: 'NSE',
        day: { ...none, openQuantity: '10', sellQuantity: '4', sellValue: '1280' },
      },
    ]);
  });

  it('more of a holding bought today moves its average, and a part sold does not', () => {
    const bought = { day_buy_quantity: 10, day_buy_value: 1100 };
    const [position] = kite([kiteRow('A', { quantity: 10, ...bought })], [kiteHolding('A', 10)]).positions;
    expect(position).toMatchObject({ quantity: '20', averagePrice: '100' });
  });

  it('a holding of NSE that is sold on BSE is the same holding', () => {
    const sale = { exchange: 'BSE', instrument_token: 2, quantity: -3, day_sell_quantity: 3, day_sell_value: 300 };
    const { positions } = kite([kiteRow('A', sale)], [kiteHolding('A', 2, { opening_quantity: 5 })]);
    expect(positions).toMatchObject([{ key: '1', quantity: '2', day: { openQuantity: '5', sellQuantity: '3' } }]);
  });

  it('a sale out of a holding that was not sent is told, and is no short', () => {
    const { positions, notes } = kite([kiteRow('A', { quantity: -4, day_sell_quantity: 4, day_sell_value: 400 })]);
    expect(positions).toMatchObject([
      { quantity: '0', averagePrice: null, day: { openQuantity: '4', sellQuantity: '4' } },
    ]);
    expect(notes[0]).toMatch(/4 A were sold out of a holding that is not in the documents/);
  });

  it('shares bought yesterday are held, though they are not delivered yet', () => {
    const { positions } = kite([], [kiteHolding('A', 5, { t1_quantity: 3, opening_quantity: 8 })]);
    expect(positions).toMatchObject([{ quantity: '8', day: { openQuantity: '8' } }]);
    const compact = { tradingsymbol: 'A', exchange: 'NSE', instrument_token: 1, t1_quantity: 3, quantity: 5 };
    expect(kite([], [compact]).positions).toMatchObject([{ quantity: '8', averagePrice: null, lastPrice: null }]);
  });

  it('a future is margined with its multiplier, an option is not, and a close of 0 is unknown', () => {
    const future = {
      exchange: 'MCX',
      product: 'NRML',
      multiplier: 1000,
      quantity: 1,
      overnight_quantity: 1,
      close_price: 0,
    };
    const option = { exchange: 'NFO', product: 'NRML', quantity: -75, overnight_quantity: -75 };
    const [one, other] = kite([kiteRow('LEADFUT', future), kiteRow('A26000CE', option)]).positions;
    expect(one).toMatchObject({ valuation: 'margined', multiplier: '1000', venue: 'MCX', leg: 'NRML' });
    expect(one).not.toHaveProperty('previousClose');
    expect(other).not.toHaveProperty('valuation');
    expect(other).not.toHaveProperty('multiplier');
  });

  it('a document that is sent twice is refused, because its shares would count twice', () => {
    const held = [kiteHolding('A', 1)];
    expect(refusalOf('kite', { 'a.json': { data: held }, 'b.json': { data: held } })).toBe(
      'a.json.data and b.json.data are both holdings. Send each document of one account once.',
    );
  });

  it('trades that do not add up to the quantity are told, and not used', () => {
    const { positions, notes } = kite([
      kiteRow('A', { product: 'MIS', quantity: 5, day_buy_quantity: 4, day_buy_value: 1 }),
    ]);
    expect(positions[0]).not.toHaveProperty('day');
    expect(notes[0]).toMatch(/trades of A do not add up to its quantity 5/);
  });

  it('shares bought with borrowed money are shown without a value', () => {
    const { positions, notes } = kite([], [kiteHolding('A', 1, { mtf: { quantity: 1000, average_price: 100 } })]);
    expect(positions).toMatchObject([
      { leg: 'CNC', quantity: '1' },
      { leg: 'MTF-HELD', quantity: '1000', valuation: 'memo' },
    ]);
    expect(notes.join()).toMatch(/margin facility/);
  });

  it('keys are tokens, or exchange and symbol where that is asked for', () => {
    expect(kite([], [kiteHolding('A', 1)], { keys: 'symbol' }).positions[0]!.key).toBe('NSE:A');
  });

  it('rows without quantity and trade, other parts of an answer and columns that are not used are told', () => {
    const { ignored, understood } = readDocuments('kite', {
      all: {
        positions: { data: { net: [kiteRow('A', { value: 5 })] } },
        holdings: [kiteHolding('B', 1)],
        margins: { equity: {} },
      },
    });
    expect(understood).toEqual([
      { name: 'all.positions.data (positions)', rows: 1 },
      { name: 'all.holdings (holdings)', rows: 1 },
    ]);
    expect(ignored.columns).toEqual(['net.value']);
    expect(ignored.rows).toEqual([
      { rows: 'of all.margins, which is nothing known', count: 1 },
      { rows: 'without a quantity and without a trade of the day', count: 1 },
    ]);
  });

  it.each([
    [
      { 'orders.json': [{ order_id: 1, status: 'COMPLETE' }] },
      /orders.json: looked for the positions .* found a list of objects with order_id, status/,
    ],
    [{ 'a.json': '{"data": [' }, /a.json is not JSON/],
    [{ 'a.csv': 'x,y\n1,2\n' }, /a.csv: looked for the positions .* found text that is not JSON/],
    [{ 'a.json': '' }, /a.json: looked for a document, found an empty document/],
    [
      { 'h.json': [{ ...kiteHolding('A', 1), quantity: 'many' }] },
      /holdings\[0\].quantity: looked for a decimal number, found many/,
    ],
    [
      { 'h.json': [{ ...kiteHolding('A', 1), exchange: undefined }] },
      /holdings\[0\].exchange: looked for a exchange, found nothing/,
    ],
    [{ 'h.json': [kiteHolding('A', 1), 7] }, /holdings\[1\]: looked for an object/],
  ])('documents that are not of Kite are refused with what was looked for and found: %j', (documents, message) => {
    expect(refusalOf('kite', documents)).toMatch(message);
  });
});

describe('positions and holdings of Upstox', () => {
  const row = {
    exchange: 'NFO',
    multiplier: 1,
    product: 'D',
    instrument_token: 'NSE_FO|52618',
    trading_symbol: 'NIMBUS26DEC26000CE',
    average_price: 2.65,
    overnight_quantity: 15,
    day_buy_quantity: 0,
    day_buy_value: 0,
    day_sell_quantity: 0,
    day_sell_value: 0,
    quantity: 15,
    last_price: 1.75,
    close_price: 1.95,
    unrealised: -13.5,
    value: 39.75,
  };
  const held = {
    isin: 'INE000Z01001',
    product: 'D',
    instrument_token: 'NSE_EQ|INE000Z01001',
    trading_symbol: 'HELIO',
    exchange: 'NSE',
    quantity: 10,
    t1_quantity: 2,
    average_price: 290.5,
    last_price: 316.35,
    close_price: 318,
  };
  const sale = { ...row, ...{ exchange: 'NSE', instrument_token: held.instrument_token, trading_symbol: 'HELIO' } };
  const upstox = (positions: object[], holdings: object[] = []) =>
    readDocuments('upstox', { 'positions.json': { data: positions }, 'holdings.json': { data: holdings } });

  it('a contract of the product of deliveries that is no share is not a holding', () => {
    expect(upstox([row], [held]).positions).toMatchObject([
      {
        key: 'NSE_FO|52618',
        leg: 'D',
        quantity: '15',
        averagePrice: '2.65',
        previousClose: '1.95',
        day: { openQuantity: '15' },
      },
      { key: 'NSE_EQ|INE000Z01001', quantity: '12', averagePrice: '290.5', day: { openQuantity: '12' } },
    ]);
  });

  it('a sold holding is one position, as at Kite', () => {
    const sold = { ...sale, quantity: -4, overnight_quantity: 0, day_sell_quantity: 4, day_sell_value: 1280 };
    const [position] = upstox([sold], [held]).positions;
    expect(position).toMatchObject({
      quantity: '8',
      day: { openQuantity: '12', sellQuantity: '4', sellValue: '1280' },
    });
  });

  it('an average that the answer does not have is what the trades of today cost, if all of it is of today', () => {
    const today = { ...row, average_price: null, overnight_quantity: 0, day_buy_quantity: 15, day_buy_value: 45 };
    expect(upstox([today]).positions[0]).toMatchObject({ averagePrice: '3' });
    expect(upstox([{ ...row, average_price: null }]).positions[0]).toMatchObject({ averagePrice: null });
  });

  it('a future is margined', () => {
    const future = { ...row, trading_symbol: 'NIMBUS FUT 29 DEC 26' };
    expect(upstox([future]).positions[0]).toMatchObject({ valuation: 'margined', symbol: 'NIMBUS FUT 29 DEC 26' });
  });

  it('amounts that the broker itself does not mean as worth are not used', () => {
    expect(upstox([row]).ignored.columns).toEqual(['positions.unrealised', 'positions.value']);
  });
});

describe('positions of Angel One', () => {
  const row = {
    symboltoken: '1',
    exchange: 'NFO',
    producttype: 'CARRYFORWARD',
    tradingsymbol: 'A',
    instrumenttype: 'OPTSTK',
    netqty: '50',
    cfbuyqty: '100',
    cfsellqty: '0',
    cfbuyamount: '1000.00',
    cfsellamount: '0',
    buyqty: '0',
    sellqty: '50',
    buyamount: '0',
    sellamount: '600.00',
    totalbuyavgprice: '10.00',
    totalsellavgprice: '12.00',
    avgnetprice: '8.00',
    multiplier: '-1',
    ltp: '11',
    close: '10.5',
  };
  const angel = (more: object) =>
    readDocuments('angel', { 'positions.json': { data: [{ ...row, ...more }] } }).positions;

  it('what was carried into the day is its start, whether or not the quantities of the day include it', () => {
    const day = { openQuantity: '100', buyQuantity: '0', sellQuantity: '50' };
    expect(angel({})).toMatchObject([{ key: 'NFO|1', averagePrice: '10.00', day }]);
    expect(angel({ buyqty: '100', buyamount: '1000.00' })).toMatchObject([{ day: { ...day, buyValue: '0.00' } }]);
  });

  it('the average is that of the open side, and a multiplier of -1 is none', () => {
    const [short] = angel({
      netqty: '-50',
      cfbuyqty: '0',
      cfsellqty: '100',
      sellqty: '0',
      sellamount: '0',
      buyqty: '50',
      buyamount: '1',
    });
    expect(short).toMatchObject({ averagePrice: '12.00' });
    expect(short).not.toHaveProperty('multiplier');
  });
});
