import { Database } from '#database';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const position = (key: number) => ({ key: `K${key}`, quantity: '1', averagePrice: '1', lastPrice: '1' });

describe('quotas of portfolios', () => {
  let desk: TestApp;
  let operator: { token: string; userId: string };

  beforeAll(async () => {
    desk = await startTestApp({
      env: { PORTFOLIOS_MAX_PER_TRADER: '3', PORTFOLIOS_MAX_PER_OPERATOR: '5', PORTFOLIOS_MAX_POSITIONS: '5' },
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
