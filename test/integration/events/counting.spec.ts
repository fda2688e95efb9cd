import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Database, Transactions } from '#database';
import { SessionsModule, SessionsService } from '#sessions';
import { SessionExpiry } from '../../../libs/sessions/session-expiry.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

const ENDS = new Date('2031-01-01T12:00:00.000Z');

describe('events_recorded_total', () => {
  let module: TestModule;
  let sessions: SessionsService;
  let database: Database;
  let userId: string;
  const save = (account: string, accessToken: string) =>
    sessions.save(userId, {
      broker: 'upstox',
      account,
      accessToken,
      loginMethod: 'oauth',
      expiresAt: ENDS.toISOString(),
      details: {},
    });
  const counted = async (): Promise<Record<string, number>> => {
    const { values } = await module.get<Counter>(getToken('events_recorded_total')).get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels['type'], value]));
  };
  const stored = async (): Promise<Record<string, number>> => {
    const rows = await database.rows<{ type: string; count: number }>(
      'SELECT type, count(*)::int AS count FROM trading_events GROUP BY type',
    );
    return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
  };

  beforeAll(async () => {
    module = await testModule([SessionsModule]);
    sessions = module.get(SessionsService);
    database = module.get(Database);
    const [user] = await database.rows<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('c@example.com', 'x', 'C', '{trader}') RETURNING id`,
    );
    userId = user!.id;
  });
  afterAll(() => module.close());

  it('events_recorded_total counts the events of one-statement writes (saves, closings, expiries) by type, as many as there are rows', async () => {
    const { id } = await save('A1', 'first');
    await Promise.all(Array.from({ length: 5 }, () => save('A1', 'second')));
    await save('A2', 'first');
    for (let n = 0; n < 2; n++)
      await sessions.close({ userId, roles: ['trader'], loginId: '', expiresAt: ENDS, via: 'login' }, id);
    await module.get(SessionExpiry).tick(new Date(ENDS.getTime() - 1_000));
    await module.get(SessionExpiry).tick(ENDS);
    expect(await counted()).toEqual({
      SecurityActRecorded: 1, // the user was added
      SessionOpened: 2,
      SessionTokenChanged: 1,
      SessionClosed: 1,
      SessionExpiring: 1,
      SessionExpired: 1,
    });
    expect(await counted()).toEqual(await stored());
  });

  it('events_recorded_total counts events after the commit only, and none that was rolled back', async () => {
    const before = await counted();
    const transactions = module.get<Transactions>(Transactions);
    const aborted = transactions.atomic(async () => {
      await save('A3', 'never');
      throw new Error('after all, no');
    });
    await expect(aborted).rejects.toThrow('after all');
    await transactions.atomic(async () => {
      await save('A4', 'once');
      expect(await counted()).toEqual(before);
    });
    expect(await counted()).toEqual({ ...before, SessionOpened: before['SessionOpened']! + 1 });
    expect(await counted()).toEqual(await stored());
  });
});
