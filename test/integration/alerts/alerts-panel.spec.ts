import { Database, Transactions } from '#database';
import { AlertsPanel } from '#alerts';
import { AlertingDesk } from './alerting-desk.fixture.js';

const operator = { userId: '', operator: true };

describe('the alerts panel', () => {
  let desk: AlertingDesk;
  beforeAll(async () => (desk = await AlertingDesk.open()));
  afterAll(() => desk.close());
  beforeEach(() => desk.empty());

  const load = (...args: Parameters<AlertsPanel['load']>) =>
    desk.get(Transactions).readSnapshot(() => desk.get(AlertsPanel).load(...args));

  it('updated from changed keys equals a reloaded one, for every kind of change and every viewer', async () => {
    const [one, two, boss] = [await desk.user(), await desk.user(), await desk.user('operator')];
    await desk.rule(one, { severity: 'critical' });
    await desk.rule(two, {});
    await desk.rule(boss, { scope: 'desk' });
    const write = (sql: string) => desk.get(Database).rows<{ id: string }>(`${sql} RETURNING id`);
    const some = `id IN (SELECT id FROM alerts ORDER BY md5(id::text) LIMIT 3)`;
    const changes = [
      () => write(`UPDATE alerts SET acknowledged_at = now() WHERE acknowledged_at IS NULL AND ${some}`),
      () => write(`UPDATE alerts SET count = count + 1 WHERE ${some}`),
      () => write(`DELETE FROM alerts WHERE ${some}`),
      // Older than all that are shown: it was in no state.
      () => write(`DELETE FROM alerts WHERE id IN (SELECT id FROM alerts ORDER BY id LIMIT 2)`),
    ];
    // More than are shown of an owner.
    for (let n = 0; n < 60; n++) await desk.news(`news ${n}`);
    let state = await load(undefined, undefined);
    for (let round = 0; round < 24; round++) {
      const before = new Set((await desk.alerts()).map(({ id }) => id as string));
      await desk.news(`more ${round}`);
      const raised = (await desk.alerts()).map(({ id }) => id as string).filter((id) => !before.has(id));
      const changed = (await changes[round % changes.length]!()).map(({ id }) => id);
      state = await load(new Map([['alerts', new Set([...raised, ...changed])]]), state);
      const reloaded = await load(undefined, undefined);
      const panel = desk.get(AlertsPanel);
      for (const viewer of [operator, { ...one, operator: false }, { ...two, operator: false }])
        expect(panel.view(state, viewer)).toEqual(panel.view(reloaded, viewer));
      expect(state).toEqual(reloaded);
    }
  });

  it('the alerts panel shows unacknowledged critical alerts first in its window, however old they are, and filters', async () => {
    const me = await desk.user();
    const critical = await desk.rule(me, { severity: 'critical' });
    await desk.news('first');
    await desk.get(Database).run(`DELETE FROM alert_rules WHERE id = $1`, [critical.id]);
    await desk.rule(me, { severity: 'info' });
    for (let n = 0; n < 60; n++) await desk.news(`later ${n}`);
    const panel = desk.get(AlertsPanel);
    const state = await load(undefined, undefined);
    const titles = (parameters: object) => {
      const { rows, rest } = panel.window(
        state,
        { userId: me.userId, operator: false },
        panel.parameters.parse(parameters),
      );
      return [rows.map(({ title }) => title), rest];
    };
    expect(titles({ limit: 2 })).toEqual([
      ['first', 'later 59'],
      { total: 51, unacknowledged: { info: 60, warning: 0, critical: 1 } },
    ]);
    expect(titles({ severity: 'info', limit: 1 })[0]).toEqual(['later 59']);
    expect(titles({ acknowledged: true })[0]).toEqual([]);
    expect(panel.view(state, { userId: me.userId, operator: false }).items).toHaveLength(50);
  });
});
