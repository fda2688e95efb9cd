import { readDocuments, refusalOf } from './exports.fixture.js';

const activity = (type: string, quantity: number, unitPrice: number, more: object = {}) => ({
  type,
  symbol: 'SAMT.DE',
  currency: 'EUR',
  date: '2026-10-01T00:00:00.000Z',
  quantity,
  unitPrice,
  fee: 1,
  ...more,
});
const exported = (activities: object[], more: object = {}) => ({
  'export.json': {
    meta: { date: '2026-11-25T08:00:00.000Z' },
    activities,
    user: { settings: { currency: 'EUR' } },
    ...more,
  },
});
const ghostfolio = (activities: object[], more: object = {}, options = {}) =>
  readDocuments('ghostfolio', exported(activities, more), options);

describe('an export of ghostfolio', () => {
  it('activities become positions at average cost without a price', () => {
    const { positions, asOf } = ghostfolio([
      activity('BUY', 10, 100),
      activity('BUY', 30, 120),
      activity('SELL', 20, 500),
    ]);
    expect(asOf).toBe('2026-11-25T08:00:00.000Z');
    expect(positions).toEqual([
      { symbol: 'SAMT.DE', key: 'SAMT.DE', quantity: '20', averagePrice: '115', lastPrice: null, currency: 'EUR' },
    ]);
  });

  it('activities count by their time, whatever their order in the file', () => {
    const later = activity('SELL', 10, 1, { date: '2026-10-02T00:00:00.000Z' });
    const last = activity('BUY', 5, 7, { date: '2026-10-03T00:00:00.000Z' });
    expect(ghostfolio([last, later, activity('BUY', 10, 100)]).positions).toMatchObject([
      { quantity: '5', averagePrice: '7' },
    ]);
  });

  it('a sale beyond zero opens a short position at its price', () => {
    expect(ghostfolio([activity('BUY', 10, 100), activity('SELL', 25, 40)]).positions).toMatchObject([
      { quantity: '-15', averagePrice: '40' },
    ]);
  });

  it('one security in two currencies is two positions', () => {
    const positions = ghostfolio([activity('BUY', 1, 2), activity('BUY', 3, 4, { currency: 'USD' })]).positions;
    expect(positions).toMatchObject([
      { leg: 'EUR', quantity: '1' },
      { leg: 'USD', quantity: '3' },
    ]);
  });

  it('dividends, drafts of the future and closed securities are told', () => {
    const { positions, ignored } = ghostfolio([
      activity('DIVIDEND', 6, 0.5),
      activity('BUY', 1, 2, { date: '2050-06-06T00:00:00.000Z' }),
      activity('BUY', 2, 75.8, { symbol: 'NOVN.SW' }),
      activity('SELL', 2, 85.73, { symbol: 'NOVN.SW' }),
    ]);
    expect(positions).toEqual([]);
    expect(ignored.rows.map(({ count }) => count)).toEqual([1, 1, 1]);
  });

  it('the cash is the newest balance of each account, of one account if it is named', () => {
    const balances = (value: number) => [
      { date: '2026-01-01', value: 1 },
      { date: '2026-11-24', value },
    ];
    const accounts = [
      { id: 'a', currency: 'EUR', balances: balances(1500.25) },
      { id: 'b', currency: 'EUR', balances: balances(2) },
    ];
    const trades = [activity('BUY', 1, 2, { accountId: 'a' }), activity('BUY', 3, 4, { accountId: 'b' })];
    expect(ghostfolio(trades, { accounts }).cash).toEqual([{ currency: 'EUR', amount: '1502.25' }]);
    const one = ghostfolio(trades, { accounts }, { account: 'a' });
    expect(one).toMatchObject({ account: 'a', cash: [{ amount: '1500.25' }], positions: [{ quantity: '1' }] });
    expect(one.ignored.rows).toEqual([{ rows: 'of activities of other accounts', count: 1 }]);
  });

  it.each([
    [{ 'a.json': { positions: [] } }, /activities: looked for an export of ghostfolio/],
    [exported([activity('SPLIT', 1, 2)]), /activities\[0\].type: looked for BUY, SELL.* found SPLIT/],
  ])('another document is refused by name: %#', (documents, message) => {
    expect(refusalOf('ghostfolio', documents)).toMatch(message);
  });
});

describe('transactions of Portfolio Performance', () => {
  const header =
    'Date,Type,Value,Transaction Currency,Gross Amount,Currency Gross Amount,Exchange Rate,Fees,Taxes,Shares,ISIN,WKN,Ticker Symbol,Security Name,Note';
  const read = (...rows: string[]) =>
    readDocuments('portfolio-performance', { 'all.csv': [header, ...rows].join('\r\n') });

  it('shares are at what they cost before fees, and the cash is what deposits and trades leave', () => {
    const { positions, cash } = read(
      '2026-10-01T00:00,Deposit,"2,000.00",EUR,,,,0.00,0.00,,,,,,',
      '2026-10-02T00:00,Buy,"1,001.00",EUR,,,,1.00,0.00,10,DE000Z01,,SAMT.DE,Samt,',
      '2026-11-02T00:00,Sell,478.00,EUR,,,,1.00,1.00,4,DE000Z01,,SAMT.DE,Samt,',
      '2026-11-03T00:00,Dividend,3.00,EUR,,,,0.00,0.00,6,DE000Z01,,SAMT.DE,Samt,',
    );
    expect(positions).toEqual([
      { symbol: 'SAMT.DE', key: 'DE000Z01', quantity: '6', averagePrice: '100', lastPrice: null, currency: 'EUR' },
    ]);
    expect(cash).toEqual([{ currency: 'EUR', amount: '1480.00' }]);
  });

  it('a security in another currency is at its own price, and without deposits the cash is unknown', () => {
    const { positions, cash, notes } = read(
      '2026-10-02,Buy,93.00,EUR,100.00,USD,0.92,1.00,0.00,4,US000Z01,,ORBX,Orbx,',
    );
    expect(positions).toMatchObject([{ averagePrice: '25', currency: 'USD' }]);
    expect(cash).toBeNull();
    expect(notes.join()).toMatch(/no deposits, so the cash is not known/);
  });

  it('a transfer with shares moves shares, one without moves money', () => {
    const { positions, cash } = read(
      '2026-10-01,Deposit,10.00,EUR,,,,0.00,0.00,,,,,,',
      '2026-10-02,Transfer (Outbound),4.00,EUR,,,,0.00,0.00,,,,,,',
      '2026-10-03,Transfer (Inbound),50.00,EUR,,,,0.00,0.00,5,DE000Z01,,,Samt,',
    );
    expect(positions).toMatchObject([{ quantity: '5', averagePrice: '10' }]);
    expect(cash).toEqual([{ currency: 'EUR', amount: '6.00' }]);
  });

  it('a German file has its own names, semicolons and decimal commas', () => {
    const german =
      'Datum;Typ;Wert;Buchungswährung;Bruttobetrag;Währung Bruttobetrag;Wechselkurs;Gebühren;Steuern;Stück;ISIN;WKN;Ticker-Symbol;Wertpapiername;Notiz\r\n2026-10-02;Kauf;1.001,00;EUR;;;;1,00;0,00;10;DE000Z01;;SAMT.DE;Samt;\r\n';
    expect(readDocuments('portfolio-performance', { 'a.csv': german }).positions).toMatchObject([
      { key: 'DE000Z01', quantity: '10', averagePrice: '100' },
    ]);
  });

  it('a type that is not known is refused, because it may move shares', () => {
    const documents = { 'a.csv': `${header}\n2026-10-02,Achat,1,EUR,,,,,,1,X,,,,\n` };
    expect(refusalOf('portfolio-performance', documents)).toMatch(/line 2.Type: looked for Buy, Kauf.* found Achat/);
    expect(refusalOf('portfolio-performance', { 'a.csv': 'Data,Tipo\n1,2\n' })).toMatch(
      /a column Date or Datum, found|header/,
    );
  });
});
