import { randomBytes } from 'node:crypto';
import { Database } from '#database';
import { SessionsModule, SessionsService } from '#sessions';
import { SessionTokens } from '../../../libs/sessions/session-tokens.service.js';
import { testEnvironment } from '../../setup/test-environment.js';
import { testModule } from '../../setup/test-module.js';

const KEY = { broker: 'zerodha', account: 'AB1234' };
const GIVEN = { ...KEY, loginMethod: 'oauth' as const, expiresAt: '2031-01-01T00:00:00Z', details: {} };

describe('after SESSIONS_ENCRYPTION_KEY was rotated', () => {
  let old: Awaited<ReturnType<typeof testModule>>;
  let rotated: typeof old;
  let userId: string;
  const open = async (module: typeof old): Promise<string> =>
    (await module.get(SessionTokens).open({ ...KEY, userId })).token.reveal();

  beforeAll(async () => {
    old = await testModule([SessionsModule]);
    const oldKey = testEnvironment('')['SESSIONS_ENCRYPTION_KEY']!;
    const env = {
      SESSIONS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      SESSIONS_ENCRYPTION_KEYS_PREVIOUS: oldKey,
    };
    rotated = await testModule([SessionsModule], { database: old.database, env });
    const [user] = await old
      .get(Database)
      .rows<{ id: string }>(
        `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('r@example.com', 'x', 'R', '{trader}') RETURNING id`,
      );
    userId = user!.id;
  });
  afterAll(async () => {
    await rotated.close();
    await old.close();
  });

  it('after a key rotation old tokens open, the same token is recognised, and new seals need the new key', async () => {
    await old.get(SessionsService).save(userId, { ...GIVEN, accessToken: 'sealed-with-the-old' });
    expect(await open(rotated)).toBe('sealed-with-the-old');
    const sessions = rotated.get(SessionsService);
    expect(await sessions.save(userId, { ...GIVEN, accessToken: 'sealed-with-the-old' })).toMatchObject({
      outcome: 'unchanged',
      tokenEpoch: 1,
    });
    const later = { ...GIVEN, accessToken: 'sealed-with-the-old', expiresAt: '2032-01-01T00:00:00Z' };
    expect(await sessions.save(userId, later)).toMatchObject({ outcome: 'updated', tokenEpoch: 1 });
    expect(await open(rotated)).toBe('sealed-with-the-old');
    await expect(open(old)).rejects.toMatchObject({ code: 'SEALING_CANNOT_OPEN' });
  });
});
