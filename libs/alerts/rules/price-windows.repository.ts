import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { firstUuidFrom } from '#ids';
import type { PriceWindow } from '../conditions/price-windows.js';
import type { WindowNeed } from './rule-index.js';

/** Maximum number of events of the type that a window reads. */
const MOST_EVENTS = 10_000;

/** The instrument of a price, else its ticker. */
const thing = (event: string): string =>
  `coalesce(${event}.instrument_id::text, upper(coalesce(${event}.payload->>'ticker', ${event}.payload->>'symbol', ${event}.payload->>'tradingsymbol')))`;

const READ = `
  SELECT n.n, min(p.price)::text AS low, max(p.price)::text AS high
  FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS n (id, from_id, path, n)
  JOIN trading_events now ON now.id = n.id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN e.text ~ '^-?[0-9]{1,40}([.][0-9]{1,40})?$' THEN e.text::numeric END AS price
    FROM (
      SELECT b.payload #>> string_to_array(n.path, '.') AS text, b.user_id, ${thing('b')} AS thing
      FROM trading_events b WHERE b.type = now.type AND b.id >= n.from_id AND b.id < n.id ORDER BY b.id DESC LIMIT ${MOST_EVENTS}
    ) e
    WHERE e.user_id IS NOT DISTINCT FROM now.user_id AND e.thing = ${thing('now')}
  ) p
  WHERE p.price IS NOT NULL
  GROUP BY n.n`;

/** Past prices, read from the event log: every process sees the same, also after a restart. */
@Injectable()
export class PriceWindowsRepository {
  constructor(private readonly database: Database) {}

  /** The lowest and highest price of each window, without the event itself. */
  async load(needs: readonly WindowNeed[]): Promise<PriceWindow[]> {
    if (needs.length === 0) return [];
    const rows = await this.database.prepared<{ n: string; low: string; high: string }>(READ, [
      needs.map(({ view }) => view.event.id),
      needs.map(({ view, seconds }) =>
        firstUuidFrom(new Date(view.event.occurredAt.getTime() - seconds * 1_000).toISOString()),
      ),
      needs.map(({ field }) => field.replace(/^payload\./, '')),
    ]);
    return rows.map(({ n, low, high }) => {
      const { view, field, seconds } = needs[Number(n) - 1]!;
      return { eventId: view.event.id, field, seconds, low, high };
    });
  }
}
