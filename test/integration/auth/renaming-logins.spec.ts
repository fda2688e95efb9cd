import { BareDatabase } from '../../setup/bare-database.js';

const RENAME = 'RenameAuthSessionsToLogins1766000000015';

describe('the migration that renames auth_sessions to logins', () => {
  let bare: BareDatabase;
  beforeAll(async () => {
    bare = await BareDatabase.open();
  });
  afterAll(() => bare.close());

  /** Tables, indexes, constraints and columns whose name contains the words, in the schema of the app. */
  const namesWith = async (...words: string[]): Promise<string[]> => {
    const { rows } = await bare.client.query<{ name: string }>(
      `SELECT name FROM (
         SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
         UNION SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
         UNION SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       ) AS names WHERE name ~ $1 ORDER BY name`,
      [words.join('|')],
    );
    return rows.map((row) => row.name);
  };
  const content = async (logins: string, loginId: string): Promise<unknown[]> =>
    (
      await bare.client.query(
        `SELECT l.id, l.user_id, l.user_agent, l.revoke_reason, t.token_hash, t.used_at, t.${loginId} = l.id AS linked
         FROM ${logins} l JOIN refresh_tokens t ON t.${loginId} = l.id ORDER BY t.id`,
      )
    ).rows;

  it('the migration keeps every login and refresh token up, down and up again, and leaves no old name behind', async () => {
    const migrator = bare.migrator;
    const applied = await migrator.up();
    const steps = applied.length - applied.indexOf(RENAME);
    const newNames = await namesWith('logins', 'login_id', 'tokens_login');
    expect(await namesWith('auth_session', 'tokens_session')).toEqual([]);

    await migrator.down(steps);
    const oldNames = await namesWith('auth_session', 'tokens_session');
    expect(oldNames).toHaveLength(newNames.length);
    expect(await namesWith('logins', 'login_id', 'tokens_login')).toEqual([]);
    await bare.client.query(`
      WITH owner AS (
        INSERT INTO users (email, password_hash, display_name, roles) VALUES ('a@example.com', 'x', 'A', '{trader}') RETURNING id
      ), login AS (
        INSERT INTO auth_sessions (user_id, expires_at, user_agent, revoke_reason)
        SELECT id, now() + interval '1 day', 'spec ' || n, 'logout' FROM owner, generate_series(1, 3) AS n RETURNING id
      )
      INSERT INTO refresh_tokens (auth_session_id, token_hash, expires_at, used_at)
      SELECT id, uuid_send(uuidv7()), now() + interval '1 day', now() FROM login, generate_series(1, 2)`);
    const before = await content('auth_sessions', 'auth_session_id');
    expect(before).toHaveLength(6);

    await migrator.up();
    expect(await content('logins', 'login_id')).toEqual(before);
    expect(await namesWith('logins', 'login_id', 'tokens_login')).toEqual(newNames);
    expect((await migrator.check()).differences).toEqual([]);
    await migrator.down(steps);
    expect(await content('auth_sessions', 'auth_session_id')).toEqual(before);
    expect(await namesWith('auth_session', 'tokens_session')).toEqual(oldNames);
    await migrator.up();
    expect(await content('logins', 'login_id')).toEqual(before);
    await bare.client.query('DELETE FROM users');
    expect(await content('logins', 'login_id')).toEqual([]);
  });
});
