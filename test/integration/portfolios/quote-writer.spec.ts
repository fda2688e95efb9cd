import pg from 'pg';
import { Database } from '#database';
import { PortfoliosModule, QuotesService } from '#portfolios';
import { QuoteWriter } from '../../../libs/portfolios/quotes/quote-writer.js';
import { eventually } from '../../setup/eventually.js';
import { testModule } from '../../setup/test-module.js';

describe('the writer of quotes', () => {
  it('keeps the process from stopping until the quotes that are being written are committed', async () => {
    const desk = await testModule([PortfoliosModule]);
    const rows = (sql: string) => desk.get<Database>(Database).rows(sql);
    const post = (price: string, asOf: string) =>
      desk.get<QuotesService>(QuotesService).post([{ broker: 'made', key: 'A', price, asOf }]);
    await post('1', '2026-11-23T09:15:00Z');
    const holder = new pg.Client(desk.database.url);
    await holder.connect();
    try {
      await holder.query(`BEGIN; SELECT FROM quotes FOR UPDATE`);
      const written = post('2', '2026-11-23T09:16:00Z');
      const blocked = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await eventually(async () => expect(await rows(blocked)).toHaveLength(1));
      let drained = false;
      const draining = desk
        .get<QuoteWriter>(QuoteWriter)
        .beforeApplicationShutdown()
        .then(() => (drained = true));
      await rows('SELECT 1');
      expect(drained).toBe(false);
      await holder.query('COMMIT');
      await draining;
      expect(await rows('SELECT price::text FROM quotes')).toEqual([{ price: '2' }]);
      expect(await written).toMatchObject({ stored: 1 });
    } finally {
      await holder.end();
      await desk.close();
    }
  });
});
