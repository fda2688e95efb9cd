import pg from 'pg';

/**
 * Asks one statement on a connection of its own, which no pool knows and no caller waits for.
 * @param timeoutMs maximum wait for the connection, and for the answer
 * @param signal ends the connection, and so the statement
 * @throws an error whose message has the word `timeout` if the server is silent
 */
export async function askOnFreshConnection<Row extends pg.QueryResultRow>(
  connection: pg.ClientConfig,
  timeoutMs: number,
  statement: string,
  values: unknown[] = [],
  signal?: AbortSignal,
): Promise<Row[]> {
  const client = new pg.Client({
    application_name: 'deskwire-watch',
    ...connection,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => undefined);
  const end = () => void client.end().catch(() => undefined);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', end);
  try {
    await client.connect();
    return (await client.query<Row>(statement, values)).rows;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}
