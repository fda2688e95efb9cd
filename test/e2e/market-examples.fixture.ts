import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import type { OperationRequest, OperationsDesk } from './operations-desk.fixture.js';

const PORTFOLIO = 'desk-7.main';
/** Of the day of the run: what is known of a position depends on the session day. */
const at = (ms: number) => new Date(Date.now() + ms).toISOString();
const snapshot = () => ({
  broker: 'zerodha',
  account: 'AB1234',
  asOf: at(-1_000),
  currency: 'INR',
  cash: '125000.50',
  positions: [
    {
      key: 'NSE:HELIO',
      quantity: '10',
      averagePrice: '290.50',
      lastPrice: '316.35',
      previousClose: '318.00',
      day: { openQuantity: '10' },
    },
  ],
});
const MAPPING = {
  format: 'csv',
  key: ['token'],
  columns: { exchange: 'exchange', tradingsymbol: 'symbol', name: 'name', lotSize: 'lot' },
};

/** Sends one request to each operation of portfolios, prices, contracts, sessions and venues. */
export async function sendMarketExamples(desk: OperationsDesk): Promise<void> {
  await instruments(desk);
  await portfolios(desk);
  await venues(desk);
}

async function portfolios(desk: OperationsDesk): Promise<void> {
  const path = { id: PORTFOLIO };
  const as = 'operator';
  await desk.send('portfoliosPut', { path, body: snapshot() });
  const other = { ...snapshot(), portfolioId: 'desk-7.hedge', account: 'AB1235', positions: [] };
  await desk.send('portfoliosPostMany', { body: { snapshots: [other] }, headers: { 'idempotency-key': 'end-of-day' } });
  await desk.send('quotesPost', {
    as,
    body: { quotes: [{ broker: 'zerodha', key: 'NSE:HELIO', price: '317.20', asOf: at(0) }] },
  });
  await desk.send('quotesList', { query: { broker: 'zerodha', key: ['NSE:HELIO'] } });
  await desk.send('ratesPost', { as, body: { rates: [{ base: 'USD', quote: 'INR', price: '88.42', asOf: at(0) }] } });
  await desk.send('ratesList', { query: { limit: '1' } });
  await desk.send('ratesAdjust', {
    as,
    body: { broker: 'zerodha', key: 'NSE:OTHER', exDate: '2026-11-20', factor: '5' },
  });
  await desk.send('ratesListAdjustments', { query: { broker: 'zerodha' } });
  await desk.send('portfoliosList', { query: { limit: '1' } });
  await desk.send('positionsList', { query: { limit: '1' } });
  await desk.send('portfoliosFind', { path, query: { base: 'USD' } });
  await desk.send('portfoliosHistory', {
    path,
    query: { from: at(-50_000), to: at(3_600_000), step: '1h' },
  });
  await desk.send('portfolioImportsImport', {
    path: { id: 'desk-7.import' },
    query: { format: 'csv', broker: 'zerodha', account: 'AB1236', currency: 'INR', cash: '0', dryRun: 'true' },
    body: 'key,quantity,averagePrice,lastPrice\nNSE:HELIO,10,290.50,316.35\n',
    type: 'text/csv',
  });
  const session = await desk.send('sessionsPut', {
    body: {
      broker: 'zerodha',
      account: 'AB1234',
      accessToken: 'the-token-of-the-broker',
      loginMethod: 'totp',
      expiresAt: '2031-01-01T06:00:00+05:30',
      details: { clientCode: 'AB1234' },
    },
  });
  await desk.send('sessionsList', { query: { limit: '1' } });
  await desk.send('sessionsGet', { path: { id: session.id } });
  await desk.send('brokerPositionsReconcile', { path });
  await desk.send('sessionsClose', { path: { id: session.id } });
  await desk.send('portfoliosSetClosed', { path: { id: 'desk-7.hedge' }, body: { closed: true } });
  await desk.send('portfoliosRemove', { path: { id: 'desk-7.hedge' } });
}

async function instruments(desk: OperationsDesk): Promise<void> {
  const as = 'operator';
  const upload = (count: number): OperationRequest => ({
    as,
    query: { broker: 'zerodha' },
    body: kiteCsv([
      ...contracts(count),
      { token: 1, symbol: 'HELIO26DEC100CE', name: 'HELIO', strike: '100.0', type: 'CE' },
      { token: 2, symbol: 'HELIO26DEC100PE', name: 'HELIO', strike: '100.0', type: 'PE' },
    ]),
    type: 'text/csv',
  });
  const { importId } = await desk.send('importsImport', upload(1));
  await desk.send('importsImport', upload(2));
  await desk.send('importsList', { as, query: { broker: 'zerodha', limit: '1' } });
  await desk.send('importsGet', { as, path: { id: importId } });
  await desk.send('importsChanges', { as, path: { id: importId }, query: { action: 'insert', limit: '1' } });
  await desk.send('importsRollback', { as, path: { id: importId } });
  const { items } = await desk.send('instrumentsSearch', { query: { query: 'HELIO', limit: '1' } });
  const { id } = items[0];
  await desk.send('instrumentFacetsShow', { query: { query: 'HELIO' } });
  await desk.send('instrumentsGet', { path: { id } });
  await desk.send('instrumentsExpiries', { query: { underlying: 'HELIO', broker: 'zerodha' } });
  await desk.send('instrumentsChain', { query: { underlying: 'HELIO', broker: 'zerodha' } });
  await desk.send('watchlistChange', { body: { follow: [id] } });
  await desk.send('watchlistPut', { path: { instrumentId: id } });
  await desk.send('watchlistList', { query: { limit: '1' } });
  await desk.send('watchlistGet', { path: { instrumentId: id } });
  await desk.send('watchlistDelete', { path: { instrumentId: id } });
  const path = { broker: 'angel', name: 'cash' };
  await desk.send('mappingsPut', { as, path, body: MAPPING });
  await desk.send('mappingsList', { as, query: { broker: 'angel' } });
  await desk.send('mappingsGet', { as, path });
  await desk.send('mappingsDelete', { as, path: { broker: 'angel', name: 'unused' } });
}

async function venues(desk: OperationsDesk): Promise<void> {
  await desk.send('venuesList');
  await desk.send('venuesDays', { path: { name: 'NSE' }, query: { from: '2026-11-25', to: '2026-11-26' } });
  await desk.send('venuesCorrect', {
    as: 'operator',
    path: { name: 'NSE' },
    body: { day: '2026-12-24', sessions: [['09:15', '12:30']], reason: 'Half day before the holiday' },
  });
}
