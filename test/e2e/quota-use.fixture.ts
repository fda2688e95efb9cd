import type pg from 'pg';

/** How much of each quota is used, by each trader or by the desk. */
export interface QuotaUse {
  traders: number;
  portfolios: number;
  positions: number;
  watched: number;
  rules: number;
  sessions: number;
  logins: number;
  apiKeys: number;
  webhooks: number;
  quotes: number;
  feeds: number;
  /** Portfolios of the operator, each with 10 positions. */
  operatorPortfolios: number;
}

/** Copies the first row of each kind, and the portfolio `first`, until every quota is used. */
export async function copyToAll(client: pg.Client, use: QuotaUse, operatorEmail: string): Promise<void> {
  const traders = `(SELECT id, row_number() OVER (ORDER BY id) AS number FROM users WHERE 'trader' = ANY (roles))`;
  /** Copies the row of the first trader with other values, until each trader, or the desk, has `times` of them. */
  const copies = (table: string, times: number, values: string, of = `${traders} AS u`) =>
    client.query(
      `INSERT INTO ${table} SELECT (jsonb_populate_record(r, jsonb_build_object(${values}))).*
       FROM ${table} r, ${of}, generate_series(1, ${times}) AS n
       WHERE r.ctid = (SELECT ctid FROM ${table} ${table === 'alert_rules' ? 'WHERE built_in IS NULL' : ''} LIMIT 1)
         AND (u.number > 1 OR n > 1)`,
    );
  const desk = '(SELECT 1 AS number) AS u';
  const own = `'id', uuidv7(), 'user_id', u.id`;
  await copies(
    'portfolio_snapshots',
    use.portfolios,
    `'portfolio_id', u.number || '-' || n, 'user_id', u.id, 'account', 'A' || n`,
  );
  await client.query(
    `INSERT INTO portfolio_snapshots
     SELECT (jsonb_populate_record(p, jsonb_build_object('portfolio_id', 'operator-' || n, 'account', 'O' || n, 'user_id', u.id,
               'positions', (SELECT jsonb_agg(item) FROM jsonb_path_query(p.positions, '$[0 to 9]') AS item),
               'position_count', 10, 'position_keys', p.position_keys[1:10]))).*
       FROM portfolio_snapshots p, users u, generate_series(1, $1) AS n
      WHERE p.portfolio_id = 'first' AND u.email = $2`,
    [use.operatorPortfolios, operatorEmail],
  );
  await copies('quotes', use.quotes, `'instrument_key', 'Q' || n`, desk);
  await copies('trading_sessions', use.sessions, `${own}, 'account', 'S' || n`);
  await client.query('DELETE FROM logins WHERE id <> (SELECT min(id::text)::uuid FROM logins)');
  await copies('logins', use.logins, own);
  await copies('api_keys', use.apiKeys, `${own}, 'prefix', u.number || '-' || n`);
  await copies('webhook_endpoints', use.webhooks, own);
  await copies('feed_sources', use.feeds, `'id', uuidv7(), 'name', 'feed ' || n`, desk);
  // Values of their own for each rule: V8 would keep equal ones once.
  await copies(
    'alert_rules',
    use.rules,
    `${own}, 'condition', replace(r.condition::text, '"T0X', '"' || to_hex(u.number * 1000 + n) || 'X')::jsonb`,
  );
  await copies(
    'instruments',
    use.watched * use.traders,
    `'id', uuidv7(), 'instrument_key', 'Q' || n, 'tradingsymbol', 'SYMBOL' || n`,
    desk,
  );
  await client.query(
    `INSERT INTO instrument_registry (user_id, instrument_id)
     SELECT u.id, i.id FROM ${traders} AS u
     JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM instruments) AS i
       ON i.place / ${use.watched} + 1 = u.number`,
  );
}
