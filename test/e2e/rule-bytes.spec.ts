import { startTestApp, type TestApp } from '../setup/test-app.js';

const MAX = 524_288;

/** A rule of about 130 kB. */
const rule = (name: string) => ({
  name,
  severity: 'info',
  condition: {
    any: Array.from({ length: 26 }, (_, n) => ({
      ...{ op: 'in', field: 'payload.title' },
      values: Array.from({ length: 10 }, (__, at) => `${n}-${at} ${'x'.repeat(480)}`),
    })),
  },
});

describe('the rules of one user', () => {
  let desk: TestApp;
  beforeAll(async () => {
    desk = await startTestApp();
  });
  afterAll(() => desk.close());

  it('the rules of one user have a maximum size in total, whether rules are added or changed; the rules of others do not count', async () => {
    const { token } = await desk.login('trader');
    const write = (method: string, path: string, body: object, as = token) =>
      desk.request(method, `/v1/alert-rules${path}`, { token: as, body });
    for (const name of ['a', 'b', 'c', 'd']) expect((await write('POST', '', rule(name))).status).toBe(201);
    const { status, body } = await write('POST', '', rule('e'));
    expect([status, body.code]).toEqual([409, 'ALERTS_RULES_TOO_LARGE']);
    const [, bytes, max] = /would have (\d+) bytes in total; the maximum is (\d+)\./.exec(body.detail)!.map(Number);
    expect(max).toBe(MAX);
    expect(bytes).toBeGreaterThan(MAX);

    const small = { ...rule('f'), condition: { op: 'equals', field: 'type', value: 'SessionOpened' } };
    const added = await write('POST', '', small);
    expect(added.status).toBe(201);
    const grown = await write('PATCH', `/${added.body.id}`, { condition: rule('f').condition });
    expect([grown.status, grown.body.code]).toEqual([409, 'ALERTS_RULES_TOO_LARGE']);
    expect((await write('PATCH', `/${added.body.id}`, { enabled: false })).status).toBe(200);

    const other = await desk.login('trader');
    expect((await write('POST', '', rule('a'), other.token)).status).toBe(201);
    const metrics = await desk.request<string>('GET', '/metrics');
    expect(metrics.body).toContain('quotas_refusals_total{quota="alert_rule_bytes"} 2');
  });
});
