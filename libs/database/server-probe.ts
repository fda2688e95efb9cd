import type { EventEmitter } from 'node:events';
import pg from 'pg';

/** Version 18 brought uuidv7() and RETURNING old.*, which the schema and the statements use. */
const OLDEST = 18;

/** pg's event, which its types do not declare. */
interface ParameterStatus {
  parameterName: string;
  parameterValue: string;
}

/** The database server is older than this code requires. Waiting does not help. */
export class ServerTooOldError extends Error {
  constructor(readonly version: string) {
    super(
      `PostgreSQL ${version} is too old: Deskwire needs PostgreSQL ${OLDEST} or later. ` +
        'Upgrade the server, or set DATABASE_URL to a newer one. Nothing was changed.',
    );
    this.name = 'ServerTooOldError';
  }
}

/**
 * Connects once and reads the version that the server reports. It sends no session settings, because an older server refuses
 * unknown ones, and no statement, because the server's timeouts could end it.
 * @throws ServerTooOldError, or pg's error if the server cannot be reached
 */
export async function probeServer(url: string, timeoutMs = 0): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'deskwire-probe',
  });
  client.on('error', () => undefined);
  let version = '';
  (client as unknown as { connection: EventEmitter }).connection.on('parameterStatus', (status: ParameterStatus) => {
    if (status.parameterName === 'server_version') version = status.parameterValue;
  });
  try {
    await client.connect();
    if (Number.parseInt(version) < OLDEST) throw new ServerTooOldError(version);
  } finally {
    await client.end().catch(() => undefined);
  }
}
