import { jest } from '@jest/globals';
import { dashboardConfig } from '#dashboard';
import { Database } from '#database';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { SnapshotsRepository } from '../../libs/portfolios/snapshots/snapshots.repository.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const position = (key: number) => ({ key: `K${key}`, quantity: '1', averagePrice: '1', lastPrice: '1' });

const positions = (count: number) => Array.from({ length: count }, (_, key) => position(key));

describe('quotas of portfolios', () => {
  let desk: TestApp;
  let operator: { token: string; userId: string };

  beforeAll(async () => {
    desk = await startTestApp({
      env: { PORTFOLIOS_MAX_PER_TRADER: '3', PORTFOLIOS_MAX_PER_OPERATOR: '5', PORTFOLIOS_MAX_POSITIONS: '5' },
      internals: [dashboardConfig.with({ waitMs: 60_000 })],
    });
    operator = await desk.login('operator');
  });
  afterAll(() => desk.close());

  const post = (token: string, snapshots: object[]) =>
    desk.request('POST', '/v1/portfolios/snapshots', { token, body: { snapshots } });
  const idsOf = async (token: string) =>
    (await desk.request('GET', '/v1/portfolios', { token })).body.items.map((item: any) => item.portfolioId);

  const refusals = ({ items }: any) =>
    items
      .filter(({ status }: any) => status === 'refused')
      .map(({ portfolioId, code, issues }: any) => [portfolioId, code, issues[0].field, issues[0].allowed]);

  it('a bulk call beyond the quota has those items refused and the others stored', async () => {
    const { token } = await desk.login('trader');
    expect((await post(token, [snapshotOf('b1')])).status).toBe(200);
    const items = ['b2', 'b1', 'b3', 'b4', 'b5'].map((id) => snapshotOf(id));
    const { status, body } = await post(token, items);
    expect([status, body.stored, body.refused]).toEqual([200, 3, 2]);
    const allowed = 'at most 3 portfolios of one owner';
    expect(refusals(body)).toEqual(['b4', 'b5'].map((id) => [id, 'PORTFOLIOS_TOO_MANY', 'portfolioId', allowed]));
    expect(await idsOf(token)).toEqual(['b1', 'b2', 'b3']);
    const again = await post(
      token,
      ['b1', 'b2', 'b3'].map((id) => snapshotOf(id)),
    );
    expect(again.body).toMatchObject({ stored: 3, refused: 0 });
  });

  it('a quota counts for the owner, whoever writes, and is larger for operators', async () => {
    const trader = await desk.login('trader');
    const other = await desk.login('operator');
    const own = ['o1', 'o2', 'o3', 'o4', 'o5'].map((id) => snapshotOf(id));
    expect((await post(other.token, own)).body.stored).toBe(5);
    expect((await post(other.token, [snapshotOf('o6')])).body.items[0].code).toBe('PORTFOLIOS_TOO_MANY');
    const moved = ['o1', 'o2', 'o3', 'o4'].map((id) => snapshotOf(id, { userId: trader.userId }));
    const { body } = await post(other.token, moved);
    expect(body.items[3]).toMatchObject({
      code: 'PORTFOLIOS_TOO_MANY',
      detail: `User ${trader.userId} would have 4 portfolios, at most 3 are allowed. Delete portfolios first; the snapshot was not stored.`,
    });
    expect(await idsOf(trader.token)).toEqual(['o1', 'o2', 'o3']);
  });

  it('ten calls that open the last allowed portfolio at once all succeed', async () => {
    const { token } = await desk.login('trader');
    expect(
      (
        await post(
          token,
          ['s1', 's2'].map((id) => snapshotOf(id)),
        )
      ).body.stored,
    ).toBe(2);
    const put = () => desk.request('PUT', '/v1/portfolios/s3/snapshot', { token, body: snapshotOf('s3') });
    const answers = await Promise.all(Array.from({ length: 10 }, put));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('a snapshot beyond the maximum of positions is refused by name', async () => {
    const { token } = await desk.login('trader');
    const { body } = await post(token, [
      snapshotOf('l1', { positions: [1, 2, 3, 4, 5].map(position) }),
      snapshotOf('l2', { positions: [1, 2, 3, 4, 5, 6].map(position) }),
    ]);
    expect(body.stored).toBe(1);
    expect(refusals(body)).toEqual([['l2', 'PORTFOLIOS_TOO_MANY_POSITIONS', 'positions', 'at most 5 positions']]);
  });

  it('the deletion of a portfolio frees quota, removes the history, and reaches the dashboards of owner and operators', async () => {
    const trader = await desk.login('trader');
    const put = (id: string) =>
      desk.request('PUT', `/v1/portfolios/${id}/snapshot`, { token: trader.token, body: snapshotOf(id) });
    for (const id of ['d1', 'd2', 'd3']) expect((await put(id)).status).toBe(200);
    const shown = async (token: string) =>
      (
        await desk.request('GET', '/v1/dashboard?panels=portfolios', {
          token,
          headers: { 'cache-control': 'no-cache' },
        })
      ).body.panels.portfolios.items.map((item: any) => item.portfolioId);
    expect(await shown(trader.token)).toEqual(['d1', 'd2', 'd3']);

    const gone = await desk.request('DELETE', '/v1/portfolios/d2', { token: trader.token });
    expect(gone.status).toBe(204);
    expect(await shown(trader.token)).toEqual(['d1', 'd3']);
    expect(await shown(operator.token)).not.toContain('d2');
    const again = await desk.request('DELETE', '/v1/portfolios/d2', { token: trader.token });
    expect([again.status, again.body.code]).toEqual([404, 'PORTFOLIOS_NOT_FOUND']);
    expect(
      await desk
        .get(Database)
        .rows(`SELECT count(*)::integer AS points FROM portfolio_history WHERE portfolio_id = 'd2'`),
    ).toEqual([{ points: 0 }]);
    const { body } = await desk.request('GET', '/v1/events?type=PortfolioDeleted', { token: trader.token });
    expect(body.items[0].payload).toEqual({
      portfolioId: 'd2',
      broker: 'zerodha',
      account: 'A-d2',
      deletedBy: trader.userId,
    });
    expect((await put('d4')).status).toBe(200);
  });

  it('a closed portfolio counts towards the quota until it is deleted', async () => {
    const { token } = await desk.login('trader');
    expect(
      (
        await post(
          token,
          [1, 2, 3].map((n) => snapshotOf(`k${n}`)),
        )
      ).body.stored,
    ).toBe(3);
    await desk.request('PUT', '/v1/portfolios/k1/closed', { token, body: { closed: true } });
    expect((await post(token, [snapshotOf('k4')])).body.items[0].code).toBe('PORTFOLIOS_TOO_MANY');
    await desk.request('DELETE', '/v1/portfolios/k1', { token });
    expect((await post(token, [snapshotOf('k4')])).body.stored).toBe(1);
  });

  it('only its owner and operators may delete a portfolio', async () => {
    const trader = await desk.login('trader');
    const other = await desk.login('trader');
    await desk.request('PUT', `/v1/portfolios/e1/snapshot`, { token: trader.token, body: snapshotOf('e1') });
    expect((await desk.request('DELETE', '/v1/portfolios/e1', { token: other.token })).status).toBe(404);
    expect((await desk.request('DELETE', '/v1/portfolios/e1', { token: operator.token })).status).toBe(204);
  });
});

describe('the quota of positions in all portfolios of a user', () => {
  let desk: TestApp;

  beforeAll(async () => {
    desk = await startTestApp({
      env: { PORTFOLIOS_MAX_POSITIONS_PER_TRADER: '10', PORTFOLIOS_MAX_POSITIONS_PER_OPERATOR: '12' },
    });
  });
  afterAll(() => desk.close());

  const post = async (token: string, snapshots: object[]) =>
    (await desk.request('POST', '/v1/portfolios/snapshots', { token, body: { snapshots } })).body;
  const put = (token: string, id: string, count: number, more: object = {}) =>
    desk.request('PUT', `/v1/portfolios/${id}/snapshot`, {
      token,
      body: snapshotOf(id, { positions: positions(count), ...more }),
    });
  const statusesOf = (body: any) => body.items.map(({ status, code }: any) => code ?? status);
  const REFUSED = 'PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER';
  const storedOf = async (userId: string) => {
    const [row] = await desk
      .get(Database)
      .rows<{ positions: number }>(
        `SELECT sum(jsonb_array_length(positions))::integer AS positions FROM portfolio_snapshots WHERE user_id = $1`,
        [userId],
      );
    return row!.positions;
  };

  it('a snapshot beyond the quota of positions is refused with what is used, what it adds and what is allowed', async () => {
    const { token, userId } = await desk.login('trader');
    expect((await put(token, 'p1', 6)).status).toBe(200);
    expect((await put(token, 'p2', 3)).status).toBe(200);
    const answer = await put(token, 'p2', 5);
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: REFUSED,
        detail: `User ${userId} has 9 positions in all portfolios, the snapshot would add 2, and at most 10 are allowed. Delete portfolios first; the snapshot was not stored.`,
        errors: [
          {
            field: 'positions',
            seen: '2 more positions than the portfolio has',
            allowed: 'at most 1 more, 10 in all portfolios of one owner',
          },
        ],
      },
    });
    expect(await storedOf(userId)).toBe(9);
    const { body } = await desk.request<string>('GET', '/metrics');
    expect(body).toMatch(/quotas_refusals_total\{quota="positions_of_user"\} 1\n/);
    for (const [id, count] of [
      ['p2', 4],
      ['p1', 6],
      ['p2', 1],
      ['p3', 3],
    ] as const)
      expect((await put(token, id, count)).status).toBe(200);
    expect((await put(token, 'p4', 1)).body.code).toBe(REFUSED);
    expect((await desk.request('DELETE', '/v1/portfolios/p1', { token })).status).toBe(204);
    expect((await put(token, 'p4', 6)).status).toBe(200);
  });

  it('a bulk call counts its own snapshots in the order sent, refuses those beyond the quota of positions and stores the others', async () => {
    const { token, userId } = await desk.login('trader');
    const items = (sizes: [string, number][]) =>
      sizes.map(([id, count]) => snapshotOf(id, { positions: positions(count) }));
    const first = await post(
      token,
      items([
        ['b1', 4],
        ['b2', 4],
        ['b3', 4],
        ['b4', 2],
        ['b5', 1],
        ['b6', 0],
      ]),
    );
    expect(statusesOf(first)).toEqual(['stored', 'stored', REFUSED, 'stored', REFUSED, 'stored']);
    // A snapshot that is older makes no room, one that is newer does.
    const stale = snapshotOf('b1', { positions: [], asOf: '2026-11-01T00:00:00Z' });
    expect(statusesOf(await post(token, [stale, ...items([['b5', 1]])]))).toEqual(['stale', REFUSED]);
    const second = await post(
      token,
      items([
        ['b1', 1],
        ['b5', 3],
        ['b6', 1],
      ]),
    );
    expect(statusesOf(second)).toEqual(['stored', 'stored', REFUSED]);
    expect(await storedOf(userId)).toBe(10);
  });

  it('of 20 concurrent snapshots that each add a position exactly one is stored when there is room for one', async () => {
    const { token, userId } = await desk.login('trader');
    const ids = Array.from({ length: 20 }, (_, n) => `c${n}`);
    expect(
      (await post(token, [snapshotOf('c', { positions: positions(9) }), ...ids.map((id) => snapshotOf(id))])).stored,
    ).toBe(21);
    const answers = await Promise.all(ids.map((id) => put(token, id, 1)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === REFUSED)).toHaveLength(19);
    expect(await storedOf(userId)).toBe(10);
  });

  it('a portfolio that is moved counts its positions for the new owner, and operators may have more positions', async () => {
    const trader = await desk.login('trader');
    const operator = await desk.login('operator');
    expect((await put(trader.token, 'm1', 8)).status).toBe(200);
    expect((await put(operator.token, 'm2', 12)).status).toBe(200);
    expect((await put(operator.token, 'm3', 1)).body.code).toBe(REFUSED);
    const moved = await put(operator.token, 'm2', 3, { userId: trader.userId });
    expect([moved.status, moved.body.code]).toEqual([409, REFUSED]);
    expect((await put(operator.token, 'm2', 2, { userId: trader.userId })).status).toBe(200);
    expect((await put(operator.token, 'm3', 12)).status).toBe(200);
  });

  it('a snapshot that is written after another call made its portfolio smaller is counted again', async () => {
    const { token, userId } = await desk.login('trader');
    expect((await put(token, 'r1', 9)).status).toBe(200);
    expect((await put(token, 'r2', 1)).status).toBe(200);
    const snapshots = desk.get(SnapshotsRepository);
    const between = jest.spyOn(snapshots, 'owned').mockImplementationOnce(async (ids) => {
      between.mockRestore();
      const read = await snapshots.owned(ids);
      expect((await put(token, 'r1', 1)).body.status).toBe('stored');
      expect((await put(token, 'r2', 9)).body.status).toBe('stored');
      return read;
    });
    expect((await put(token, 'r1', 9, { asOf: '2026-11-02T23:00:00Z' })).body).toMatchObject({
      code: REFUSED,
      detail: expect.stringContaining('has 10 positions in all portfolios, the snapshot would add 8,'),
    });
    expect(await storedOf(userId)).toBe(10);
  });
});
