import { createHash } from 'node:crypto';
import pg from 'pg';
import { createSealer } from '#sealing';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine } from './command-line.fixture.js';

const ENDPOINT = '01990000-0000-7000-8000-000000000001';
const SECRET = '01990000-0000-7000-8000-000000000002';
const SESSION = '01990000-0000-7000-8000-000000000003';
const USER = '01990000-0000-7000-8000-000000000004';
const PLAIN = ['whsec_c2VjcmV0', '/path-of-the-url', 'token-of-the-broker', 'key-of-the-receiver'] as const;

const [old, now, stranger] = ['old', 'now', 'stranger'].map((name) =>
  createHash('sha256').update(name).digest('hex'),
) as [string, string, string];
const idOf = (key: string) => createSealer(key).keyIds[0]!;

describe('the keys of stored secrets', () => {
  let folder: CommandLine;
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    folder = new CommandLine();
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const sealer = createSealer(old);
    await client.query(
      `INSERT INTO webhook_endpoints (id, url, sealed_path, sealed_headers, header_names, format, concurrency)
       VALUES ($1, 'https://hooks.example', $2, $3, '{x-api-key}', 'generic', 1)`,
      [
        ENDPOINT,
        sealer.seal(PLAIN[1], `webhook_endpoints:${ENDPOINT}:path`),
        sealer.seal(JSON.stringify({ 'x-api-key': PLAIN[3] }), `webhook_endpoints:${ENDPOINT}:headers`),
      ],
    );
    await client.query(`INSERT INTO webhook_secrets (id, endpoint_id, sealed) VALUES ($1, $2, $3)`, [
      SECRET,
      ENDPOINT,
      sealer.seal(PLAIN[0], `webhook_secrets:${ENDPOINT}:${SECRET}`),
    ]);
    await client.query(
      `INSERT INTO users (id, email, password_hash, display_name, roles) VALUES ($1, 'r@example.com', 'x', 'R', '{trader}')`,
      [USER],
    );
    const bound = JSON.stringify(['trading_sessions', 'access_token', USER, 'zerodha', 'A1']);
    await client.query(
      `INSERT INTO trading_sessions (id, user_id, broker, account, access_token_sealed, token_fingerprint, token_epoch,
         login_method, expires_at, is_active, state)
       VALUES ($1, $2, 'zerodha', 'A1', $3, $4, 1, 'oauth', now() + interval '1 day', true, 'active')`,
      [SESSION, USER, sealer.seal(PLAIN[2], bound), sealer.fingerprints(PLAIN[2], bound)[0]],
    );
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
    folder.remove();
  });

  const secrets = async (command: string, key: string, previous: string, ...options: string[]) => {
    const done = folder.run(['secrets', command, ...options], {
      DATABASE_URL: database.url,
      WEBHOOK_ENCRYPTION_KEY: key,
      WEBHOOK_ENCRYPTION_KEYS_PREVIOUS: previous,
      SESSIONS_ENCRYPTION_KEY: key,
      SESSIONS_ENCRYPTION_KEYS_PREVIOUS: previous,
    });
    const exit = await done.exit;
    for (const text of [...PLAIN, 'c2VjcmV0', old, now, stranger])
      expect(done.stdout + done.stderr).not.toContain(text);
    return { exit, out: done.stdout, err: done.stderr };
  };

  it('a retired key is refused by its id, with the values that need it, and nothing is changed', async () => {
    const { exit, out, err } = await secrets('rewrap', stranger, '', '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      rewrapped: 0,
      current: 0,
      remaining: 0,
      failed: [
        { kind: 'webhook URLs', id: ENDPOINT, keyId: idOf(old) },
        { kind: 'webhook secrets', id: SECRET, keyId: idOf(old) },
        { kind: 'webhook headers', id: ENDPOINT, keyId: idOf(old) },
        { kind: 'broker tokens', id: SESSION, keyId: idOf(old) },
      ],
    });
    expect(err).toContain(`The key ${idOf(old)} is retired or was never configured`);
    expect(err).toContain('SESSIONS_ENCRYPTION_KEYS_PREVIOUS');
    expect((await secrets('status', stranger, '')).exit).toBe(1);
  });

  it('status counts the values of each key, and exits with 2 until a rewrap moved all to the current one', async () => {
    const before = await secrets('status', now, old);
    expect(before.exit).toBe(2);
    expect(before.out).toMatch(new RegExp(`webhook secrets +${idOf(now)} +WEBHOOK_ENCRYPTION_KEY +0\n`));
    expect(before.out).toMatch(new RegExp(`broker tokens +${idOf(old)} +SESSIONS_ENCRYPTION_KEYS_PREVIOUS +1\n`));
    const done = await secrets('rewrap', now, old, '--json');
    expect([done.exit, JSON.parse(done.out)]).toMatchObject([
      0,
      { rewrapped: 4, current: 0, remaining: 0, failed: [] },
    ]);
    const again = await secrets('rewrap', now, '', '--json');
    expect([again.exit, JSON.parse(again.out)]).toMatchObject([0, { rewrapped: 0, current: 4, failed: [] }]);
    expect((await secrets('status', now, '')).exit).toBe(0);
  });

  it('after a rewrap no value of any table is sealed with the old key, whatever lib stores it', async () => {
    const { rows: columns } = await client.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema = current_schema() AND column_name LIKE '%sealed%' ORDER BY 1, 2`,
    );
    // A new kind of sealed value needs a store in apps/cli/commands/secrets-rewrap.ts and a row above.
    expect(columns.map(({ table, column }) => `${table}.${column}`)).toEqual([
      'trading_sessions.access_token_sealed',
      'webhook_endpoints.sealed_headers',
      'webhook_endpoints.sealed_path',
      'webhook_secrets.sealed',
    ]);
    for (const { table, column } of columns) {
      const { rows } = await client.query(`SELECT split_part(${column}, ':', 2) AS key FROM ${table}`);
      expect([table, ...rows.map(({ key }) => key)]).toEqual([table, idOf(now)]);
    }
  });

  it('a value that was altered is reported as such, and not as one of a missing key', async () => {
    await client.query(`UPDATE webhook_secrets SET sealed = $1`, [createSealer(old).seal('x', 'another row')]);
    const { exit, err } = await secrets('rewrap', now, old);
    expect(exit).toBe(1);
    expect(err).toContain(`The key ${idOf(old)} does not open 1 webhook secrets (first: ${SECRET})`);
  });
});
