import { NOW, readDocuments, refusalOf } from './exports.fixture.js';
import { endOfStatement, statementDay } from './statement-days.js';
import { xmlElement } from './xml-elements.js';

const statement = (inner: string, { account = 'U1', from = '20261124', to = '20261124' } = {}) =>
  `<FlexStatement accountId="${account}" fromDate="${from}" toDate="${to}"><AccountInformation currency="USD"/>${inner}</FlexStatement>`;
const query = (...statements: string[]) =>
  `<?xml version="1.0"?><FlexQueryResponse><FlexStatements>${statements.join('')}</FlexStatements></FlexQueryResponse>`;
const share = (more = '') =>
  `<OpenPosition currency="USD" fxRateToBase="1" assetCategory="STK" symbol="ORBX" conid="1" position="10" markPrice="5" costBasisPrice="4" ${more}/>`;
const flex = (inner: string, options = {}) =>
  readDocuments('ibkr-flex', { 'flex.xml': query(statement(inner)) }, options);
const day = (more: string) => `<MTMPerformanceSummaryUnderlying assetCategory="STK" symbol="ORBX" conid="1" ${more}/>`;

describe('a Flex statement of Interactive Brokers', () => {
  it('a statement is of the end of its day in New York, whenever it was made', () => {
    expect(flex(`<OpenPositions>${share()}</OpenPositions>`)).toMatchObject({
      account: 'U1',
      asOf: '2026-11-25T04:59:59.000Z',
      dayRoll: { timeZone: 'America/New_York', at: '00:00' },
      currency: 'USD',
    });
    expect(endOfStatement('2026-11-25', NOW).asOf).toBe(NOW);
  });

  it('the trades of the day follow from its start and its P&L', () => {
    const traded = (more: string) => flex(`<OpenPositions>${share()}</OpenPositions>${day(more)}`).positions[0]!;
    // 4 bought at 4.5, which is 2 below the mark.
    expect(traded('prevCloseQuantity="6" prevClosePrice="4" transactionMtm="2" priorOpenMtm="6"').day).toEqual({
      openQuantity: '6',
      buyQuantity: '4',
      buyValue: '18',
    });
    // 5 sold at 5.5, which is 2.5 above the mark.
    expect(traded('prevCloseQuantity="15" prevClosePrice="4" transactionMtm="2.5" priorOpenMtm="15"').day).toEqual({
      openQuantity: '15',
      sellQuantity: '5',
      sellValue: '27.5',
    });
    // Bought and sold the same: only the P&L is known.
    expect(traded('prevCloseQuantity="10" prevClosePrice="4" transactionMtm="1.5" priorOpenMtm="10"')).toMatchObject({
      dayPnl: '11.5',
      previousClose: '4',
    });
  });

  it('a future is worth nothing beside the cash, and other contracts are what they are', () => {
    const rows = (category: string, more = '') => share(more).replace('STK', category);
    const kinds = ['FUT', 'CFD', 'CASH', 'BOND'].map((category, n) =>
      rows(category).replace('conid="1"', `conid="${n}"`),
    );
    expect(flex(`<OpenPositions>${kinds.join('')}</OpenPositions>`).positions).toMatchObject([
      { valuation: 'margined', settlementPrice: '5' },
      { valuation: 'margined' },
      { valuation: 'memo' },
      { multiplier: '0.01' },
    ]);
  });

  it('lots are the same shares again, and are added where there is nothing else', () => {
    const lot = (position: string, price: string) =>
      share('levelOfDetail="LOT"')
        .replace('position="10"', `position="${position}"`)
        .replace('Price="4"', `Price="${price}"`);
    const both = flex(
      `<OpenPositions>${share('levelOfDetail="SUMMARY"')}${lot('6', '1')}${lot('4', '2')}</OpenPositions>`,
    );
    expect(both.positions).toHaveLength(1);
    expect(both.ignored.rows).toEqual([{ rows: 'of OpenPosition that are lots of a position', count: 2 }]);
    const lots = flex(`<OpenPositions>${lot('6', '1')}${lot('4', '2')}</OpenPositions>`);
    expect(lots.positions).toMatchObject([{ quantity: '10', averagePrice: '1.4' }]);
    expect(lots.notes).toEqual(['The statement has lots only; the lots of a contract are added.']);
  });

  it('cash is by currency, and the summary counts only where there is nothing else', () => {
    const row = (currency: string, cash: string) => `<CashReportCurrency currency="${currency}" endingCash="${cash}"/>`;
    const cash = (rows: string) => flex(`<OpenPositions>${share()}</OpenPositions>${rows}`).cash;
    expect(cash(row('BASE_SUMMARY', '9') + row('EUR', '1,050.5'))).toEqual([{ currency: 'EUR', amount: '1050.5' }]);
    expect(cash(row('BASE_SUMMARY', '9'))).toEqual([{ currency: 'USD', amount: '9' }]);
    expect(cash('')).toBeNull();
  });

  it('the P&L of a longer period is of no one day, and is not used', () => {
    const documents = {
      'flex.xml': query(
        statement(`<OpenPositions>${share()}</OpenPositions>${day('transactionMtm="1"')}`, { from: '20261101' }),
      ),
    };
    const read = readDocuments('ibkr-flex', documents);
    expect(read).not.toHaveProperty('dayPnl');
    expect(read.notes[0]).toMatch(/The statement is of 2026-11-01 to 2026-11-24/);
  });

  it('two documents of different days are refused together', () => {
    const one = query(statement(`<OpenPositions>${share()}</OpenPositions>`));
    const other = query(statement('', { from: '20261123', to: '20261123' }));
    expect(refusalOf('ibkr-flex', { 'a.xml': one, 'b.xml': other })).toMatch(
      /of different days \(2026-11-24, 2026-11-23\). Send those of one day/,
    );
  });

  it('a query of several accounts needs the one that is meant', () => {
    const documents = {
      a: query(statement(`<OpenPositions>${share()}</OpenPositions>`), statement('', { account: 'U2' })),
    };
    expect(refusalOf('ibkr-flex', documents)).toMatch(/account: looked for one account; .* found U1, U2/);
    expect(readDocuments('ibkr-flex', documents, { account: 'U1' }).positions).toHaveLength(1);
  });

  it.each([
    [
      query(statement('<CashReport/>')),
      /the section OpenPositions of the Flex query, found AccountInformation, CashReport/,
    ],
    [
      '<FlexStatementResponse><Status>Fail</Status></FlexStatementResponse>',
      /a FlexStatement, found <FlexStatementResponse>/,
    ],
    ['<!DOCTYPE x [<!ENTITY a "b">]><x/>', /XML without a DOCTYPE/],
    ['<FlexQueryResponse><FlexStatements>', /found the end of the document within <FlexStatements>/],
    ['<a><b></a>', /looked for <\/b>, found <\/a>/],
    ['<a b=c/>', /attributes as name="value"/],
    ['<a>1 < 2</a>', /well-formed XML/],
    [
      query(statement(`<OpenPositions>${share().replace('"10"', '"ten"')}</OpenPositions>`)),
      /OpenPosition\[0\].position: looked for a decimal number, found ten/,
    ],
  ])('a document that is no statement is refused: %#', (xml, message) => {
    expect(refusalOf('ibkr-flex', { 'flex.xml': xml })).toMatch(message);
  });

  it('values of attributes are decoded, and comments and texts are passed over', () => {
    const root = xmlElement('d', `<a><!-- <b/> --><![CDATA[<c/>]]><d e="x &amp; &lt;y&gt;" f='"'/>text</a>`);
    expect(root.children).toEqual([{ name: 'd', attributes: { e: 'x & <y>', f: '"' }, children: [] }]);
  });

  it.each([
    ['20261124', '2026-11-24'],
    ['2026-11-24;04:30', '2026-11-24'],
    ['11/24/26', '2026-11-24'],
    ['November 24, 2026', '2026-11-24'],
    ['20261131', undefined],
    ['24.11.2026', undefined],
  ])('the day of a statement is read: %s', (text, is) => expect(statementDay(text)).toBe(is));
});

describe('an activity statement of Interactive Brokers', () => {
  const lines = (...more: string[]) =>
    [
      '\uFEFFStatement,Header,Field Name,Field Value',
      'Statement,Data,Period,"November 24, 2026"',
      'Account Information,Header,Field Name,Field Value',
      'Account Information,Data,Account,U1',
      'Account Information,Data,Base Currency,USD',
      'Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Cost Price,Close Price',
      'Open Positions,Data,Summary,Futures,USD,ESXZ6,2,50,5950,6000',
      ...more,
    ].join('\r\n');

  it('cash is by currency where there is a cash report, contracts have their ids, and rates are read', () => {
    const read = readDocuments('ibkr-activity', {
      'a.csv': lines(
        'Cash Report,Header,Currency Summary,Currency,Total',
        'Cash Report,Data,Ending Cash,Base Currency Summary,99',
        'Cash Report,Data,Ending Cash,EUR,"1,050"',
        'Cash Report,Data,Deposits,EUR,7',
        'Financial Instrument Information,Header,Asset Category,Symbol,Description,Conid',
        'Financial Instrument Information,Data,Futures,ESXZ6,X,900003',
        'Base Currency Exchange Rate,Header,Currency,Exchange Rate',
        'Base Currency Exchange Rate,Data,EUR,1.085',
      ),
    });
    expect(read.cash).toEqual([{ currency: 'EUR', amount: '1050' }]);
    expect(read.positions).toMatchObject([
      { key: '900003', multiplier: '50', valuation: 'margined', settlementPrice: '6000' },
    ]);
    expect(read.rates).toEqual([{ base: 'EUR', quote: 'USD', price: '1.085' }]);
    expect(read.account).toBe('U1');
  });

  it('two statements of different days or accounts are refused together', () => {
    const other = lines().replace('November 24', 'November 23');
    expect(refusalOf('ibkr-activity', { 'a.csv': lines(), 'b.csv': other })).toMatch(
      /Statement.Period: looked for one, the same/,
    );
    const account = lines().replace('U1', 'U2');
    expect(refusalOf('ibkr-activity', { 'a.csv': lines(), 'b.csv': account })).toMatch(/found U1, U2/);
  });

  it('a statement in another language is refused by name', () => {
    const german = 'Kontoinformation,Header,Feldname,Feldwert\nOffene Positionen,Header,Symbol\n';
    expect(refusalOf('ibkr-activity', { 'a.csv': german })).toMatch(
      /the section "Open Positions" of an English statement.* found Kontoinformation, Offene Positionen/,
    );
  });
});
