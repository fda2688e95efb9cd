import { readDocuments, refusalOf } from './exports.fixture.js';

describe('positions and account of Alpaca', () => {
  const position = {
    asset_id: 'a',
    symbol: 'MSNR',
    asset_class: 'us_equity',
    qty: '3',
    side: 'short',
    avg_entry_price: '10',
    current_price: '11',
    lastday_price: '12',
    market_value: '-33',
    unrealized_intraday_pl: '3',
  };
  const account = {
    account_number: 'PA1',
    currency: 'USD',
    cash: '100',
    equity: '67.00',
    last_equity: '60.50',
    multiplier: '2',
  };

  it('a short position is negative, however its quantity is signed, and has the figures of the broker', () => {
    for (const qty of ['3', '-3'])
      expect(readDocuments('alpaca', { 'positions.json': [{ ...position, qty }] }).positions).toMatchObject([
        { key: 'a', quantity: '-3', value: '-33', dayPnl: '3', previousClose: '12' },
      ]);
  });

  it('an option is of 100 shares, and the multiplier of the account is leverage', () => {
    const option = { ...position, asset_class: 'us_option' };
    const read = readDocuments('alpaca', { 'account.json': account, 'positions.json': [position, option] });
    expect(read.positions.map(({ multiplier }) => multiplier)).toEqual([undefined, '100']);
    expect(read).toMatchObject({
      account: 'PA1',
      value: '67.00',
      dayPnl: '6.50',
      cash: [{ currency: 'USD', amount: '100' }],
    });
    expect(read.ignored.columns).toContain('account.multiplier');
  });

  it('positions without their account have no cash, and the answer says so', () => {
    const read = readDocuments('alpaca', { 'positions.json': [position] });
    expect(read.cash).toBeNull();
    expect(read.notes).toEqual(['The account was not sent: cash, equity and the P&L of the day are not known.']);
  });
});

describe('balances of Binance spot', () => {
  const account = {
    uid: 354937868,
    accountType: 'SPOT',
    balances: [
      { asset: 'COIN', free: '0.50000000', locked: '0.25000000' },
      { asset: 'USDT', free: '1000.00000000', locked: '0.00000000' },
      { asset: 'LEAF', free: '0.00000000', locked: '0.00000000' },
      { asset: 'T', free: '7.00000000', locked: '0.00000000' },
    ],
  };

  it('each asset is a currency with what is free and locked, and the answer counts those of 0', () => {
    const {
      cash,
      positions,
      account: id,
      currency,
      ignored,
    } = readDocuments('binance-spot', { 'account.json': account });
    expect({ id, currency }).toEqual({ id: '354937868', currency: 'USDT' });
    expect(cash).toEqual([
      { currency: 'COIN', amount: '0.75000000' },
      { currency: 'USDT', amount: '1000.00000000' },
    ]);
    expect(ignored.rows).toEqual([{ rows: 'of an asset with a balance of 0', count: 1 }]);
    // The name of a currency has two letters or more.
    expect(positions).toEqual([{ symbol: 'T', key: 'T', quantity: '7.00000000', averagePrice: null, lastPrice: null }]);
  });

  it('prices that are sent too are rates of the answer', () => {
    const prices = [
      { symbol: 'COINUSDT', price: '95000.00' },
      { symbol: 'TUSDT', price: '0.02' },
    ];
    const read = readDocuments('binance-spot', { 'account.json': account, 'prices.json': prices });
    expect(read.rates).toEqual([{ base: 'COIN', quote: 'USDT', price: '95000.00' }]);
    expect(read.positions).toMatchObject([{ key: 'T', lastPrice: '0.02' }]);
  });

  it('more assets than a snapshot has currencies become positions, and none is lost', () => {
    const balances = Array.from({ length: 130 }, (_, n) => ({ asset: `A${n}`, free: '1', locked: '0' }));
    const read = readDocuments('binance-spot', { 'account.json': { balances } });
    expect([read.cash!.length, read.positions.length]).toEqual([100, 30]);
  });
});

describe('positions of Binance futures', () => {
  const risk = { symbol: 'COINUSDT', positionAmt: '1.5', entryPrice: '10', markPrice: '12.5', positionSide: 'BOTH' };

  it('a position in one-way mode has no leg, and its margin asset follows from the symbol if it is not said', () => {
    const read = readDocuments('binance-usdm', {
      'positionRisk.json': [risk, { ...risk, symbol: 'LEAFUSDC', positionAmt: '0' }],
    });
    expect(read.positions).toEqual([
      {
        symbol: 'COINUSDT',
        key: 'COINUSDT',
        quantity: '1.5',
        averagePrice: '10',
        lastPrice: '12.5',
        currency: 'USDT',
        valuation: 'margined',
      },
    ]);
    expect(read.ignored.rows).toEqual([{ rows: 'of a contract without a position', count: 1 }]);
    expect(read.notes).toEqual(['Neither account nor balance was sent, so the cash is not known.']);
  });

  it("the venue's own worth is given, unless it counts one asset of several", () => {
    const assets = [
      { asset: 'USDT', walletBalance: '10', marginBalance: '12' },
      { asset: 'BNB', walletBalance: '1', marginBalance: '1' },
    ];
    const value = (total: string, list = assets) =>
      readDocuments('binance-usdm', {
        a: { account: { totalMarginBalance: total, assets: list }, positionRisk: [risk] },
      }).value;
    expect(value('612')).toBe('612');
    expect(value('12')).toBeUndefined();
    expect(value('12', assets.slice(0, 1))).toBe('12');
  });

  it('a coin-margined contract without its size is refused, because the sizes differ', () => {
    const coin = { ...risk, symbol: 'COINUSD_PERP' };
    expect(refusalOf('binance-coinm', { 'risk.json': [coin] })).toMatch(
      /exchangeInfo: looked for exchangeInfo with the contractSize of COINUSD_PERP, found risk.json/,
    );
  });

  it('an account without mark prices is refused', () => {
    const account = { assets: [{ asset: 'USDT', walletBalance: '10' }] };
    expect(refusalOf('binance-usdm', { 'account.json': account })).toMatch(/positionRisk: looked for positionRisk/);
  });
});

describe('a table of positions', () => {
  it('a table is read by the usual names of its columns, and what is not used is told', () => {
    const csv =
      'Symbol,Qty,Side,Avg_Price,LTP,Prev_Close,Currency,Note\nA,"1,000",sell,10,11,0,INR,x\nB,2,buy,,,,INR,\n';
    const read = readDocuments('csv', { 'book.csv': csv });
    expect(read.positions).toEqual([
      { symbol: 'A', key: 'A', quantity: '-1000', averagePrice: '10', lastPrice: '11', currency: 'INR' },
      { symbol: 'B', key: 'B', quantity: '2', averagePrice: null, lastPrice: null, currency: 'INR' },
    ]);
    expect(read.currency).toBe('INR');
    expect(read.ignored.columns).toEqual(['book.csv.Note']);
  });

  it('columns may be named, and numbers may have a decimal comma', () => {
    const options = { columns: { key: 'Papier', quantity: 'Stück' }, decimalMark: ',' as const, currency: 'EUR' };
    expect(readDocuments('csv', { 'a.csv': 'Papier;Stück\nX;1.234,5\n' }, options).positions).toMatchObject([
      { key: 'X', quantity: '1234.5' },
    ]);
  });

  it('a row with more cells than the header and a header with a column twice are refused', () => {
    const refusal = (csv: string) => refusalOf('csv', { 'a.csv': csv }, { currency: 'EUR' });
    expect(refusal('key,qty,ltp\nA,1,000,5\n')).toMatch(/line 2: looked for 3 cells, as the header has, found 4 cells/);
    expect(refusal('key,qty,qty\nA,1,2\n')).toMatch(/each column once, found qty twice/);
  });

  it('a column that is missing is refused with the header', () => {
    expect(refusalOf('csv', { 'a.csv': 'a,b\n1,2\n' }, { currency: 'EUR' })).toMatch(/a column for key: .* found a, b/);
    expect(
      refusalOf('csv', { 'a.csv': 'key,qty\n1,2\n' }, { currency: 'EUR', columns: { quantity: 'Menge' } }),
    ).toMatch(/columns.quantity: looked for the column Menge, found key, qty/);
  });
});
