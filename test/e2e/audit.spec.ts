import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { UsersService } from '#auth';
import { Transactions } from '#database';
import { Egress } from '#egress';
import { AuditLog } from '#audit';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { runTask } from '../setup/run-task.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { AUDITED, type AuditedCalls, auditedCalls, EXEMPT } from './audited-calls.fixture.js';

const PASSWORD = 'a secret password of length';
const NEXT_PASSWORD = 'another secret password';
const PATH = '/hooks/secret-of-the-path';
const HEADER_SECRET = 'secret:WIRE';

describe('the audit trail', () => {
  let desk: TestApp;
  let receiver: TestReceiver;
  let admin: Awaited<ReturnType<TestApp['login']>>;
  const lines: string[] = [];
  const secrets = new Set<string>([PASSWORD, NEXT_PASSWORD, PATH.split('/')[2]!]);
  let { act, audit, called, rows } = {} as AuditedCalls;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation((...parts: unknown[]) => {
        lines.push(JSON.stringify(parts));
      });
    receiver = await new TestReceiver().open();
    desk = await startTestApp({ env: { FEEDS_SECRETS: 'WIRE=header-secret-of-the-wire', AUTH_REFRESH_GRACE: '0s' } });
    secrets.add('header-secret-of-the-wire');
    desk.get(Egress).allow(receiver.host);
    admin = await desk.login('admin');
    ({ act, audit, called, rows } = auditedCalls(desk, admin.token));
    secrets.add(admin.token).add(admin.refreshToken).add(admin.password);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await desk.close();
    await receiver.close();
  });

  it('the audit trail records sign-in, refresh reuse, sign-out and password changes, with user and address', async () => {
    const email = 'audited@test.example';
    const added = await act('post /v1/users', {}, admin.token, { email, password: PASSWORD, roles: ['trader'] });
    expect(added.records).toMatchObject([
      {
        action: 'user_added',
        actorId: admin.userId,
        via: 'login',
        address: '127.0.0.1',
        after: { email, roles: ['trader'] },
      },
    ]);
    const { id } = added.body;
    const login = () => act('post /v1/auth/login', {}, undefined, { email, password: PASSWORD });
    const first = await login();
    expect(first.records).toMatchObject([{ action: 'signed_in', actorId: id, ownerId: id, address: '127.0.0.1' }]);
    const refreshed = await act('post /v1/auth/refresh', {}, undefined, { refreshToken: first.body.refreshToken });
    expect(refreshed.actions).toEqual([]);
    const reused = await act('post /v1/auth/refresh', {}, undefined, { refreshToken: first.body.refreshToken });
    expect([reused.status, reused.actions]).toEqual([401, ['refresh_reused']]);
    const second = await login();
    expect((await act('post /v1/auth/logout', {}, second.body.accessToken)).actions).toEqual(['signed_out']);
    const third = await login();
    for (const { body } of [first, refreshed, second, third]) secrets.add(body.accessToken).add(body.refreshToken);
    const changed = await act('post /v1/auth/password', {}, third.body.accessToken, {
      currentPassword: PASSWORD,
      newPassword: NEXT_PASSWORD,
      endApiKeys: true,
    });
    expect(changed.actions).toEqual(['login_ended', 'password_changed']);
    const { oneTimePassword } = await desk.get(UsersService).resetPassword(email);
    secrets.add(oneTimePassword!);
    const [reset] = (await audit(`subjectId=${id}&action=password_reset`)).items;
    expect(reset).toMatchObject({ actorId: null, actorVia: 'system', subjectKind: 'user', subjectId: id });
  });

  it('the audit trail records changed roles, disabled users, API keys and ended logins, with the values before and after', async () => {
    const user = await desk.login('trader');
    secrets.add(user.token).add(user.refreshToken);
    const ids = { id: user.userId };
    const made = await act('post /v1/auth/api-keys', {}, user.token, { name: 'robot', roles: ['viewer'] });
    secrets.add(made.body.key);
    expect(made.records).toMatchObject([
      { action: 'api_key_made', ownerId: user.userId, after: { roles: ['viewer'] } },
    ]);
    expect((await act('delete /v1/auth/api-keys/{id}', { id: made.body.id }, user.token)).actions).toEqual([
      'api_key_revoked',
    ]);
    const keys: { id: string }[] = [];
    for (let n = 0; n < 2; n++) {
      const { body } = await act('post /v1/auth/api-keys', {}, user.token, { name: 'robot', roles: ['viewer'] });
      secrets.add(body.key);
      keys.push(body);
    }
    const one = await act('delete /v1/users/{id}/api-keys/{keyId}', { ...ids, keyId: keys[0]!.id }, admin.token);
    expect(one.records).toMatchObject([{ action: 'api_key_revoked', actorId: admin.userId, ownerId: user.userId }]);
    expect((await act('delete /v1/users/{id}/api-keys', ids, admin.token)).actions).toEqual(['api_key_revoked']);
    const [{ id: loginId }] = await rows(`SELECT id FROM logins WHERE user_id = $1`, user.userId);
    expect((await act('delete /v1/users/{id}/logins/{loginId}', { ...ids, loginId }, admin.token)).actions).toEqual([
      'login_ended',
    ]);
    const body = { email: user.email, password: user.password };
    const again = await desk.request('POST', '/v1/auth/login', { body });
    secrets.add(again.body.accessToken).add(again.body.refreshToken).add(user.password);
    expect((await act('delete /v1/users/{id}/logins', ids, admin.token)).actions).toEqual(['login_ended']);
    const tokens: string[] = [];
    for (let n = 0; n < 3; n++) tokens.push((await desk.request('POST', '/v1/auth/login', { body })).body.accessToken);
    const others = await act('delete /v1/auth/logins', {}, tokens[2]);
    expect(others.records).toMatchObject(
      [1, 2].map(() => ({ action: 'login_ended', after: { reason: 'ended_by_user' } })),
    );
    const [own] = await rows(`SELECT id FROM logins WHERE user_id = $1 AND revoked_at IS NULL`, user.userId);
    expect((await act('delete /v1/auth/logins/{loginId}', { loginId: own.id }, tokens[2])).actions).toEqual([
      'login_ended',
    ]);
    const reset = await act('post /v1/users/{id}/reset', ids, admin.token, {});
    secrets.add(reset.body.oneTimePassword);
    expect(reset.records).toMatchObject([{ action: 'password_reset', actorId: admin.userId, ownerId: user.userId }]);
    const patched = await act('patch /v1/users/{id}', ids, admin.token, { roles: ['operator'], disabled: true });
    expect(patched.records.at(-1)).toMatchObject({
      action: 'user_changed',
      before: { roles: ['trader'], disabled: false },
      after: { roles: ['operator'], disabled: true },
    });
  });

  it('the audit trail records changes of rules, feeds, webhooks and masters', async () => {
    const { token } = admin;
    const condition = { op: 'equals', field: 'type', value: 'NewsPublished' };
    const rule = await act('post /v1/alert-rules', {}, token, {
      name: 'News',
      scope: 'mine',
      severity: 'info',
      condition,
      channels: [],
    });
    expect(rule.actions).toEqual(['rule_made']);
    const ofRule = { id: rule.body.id };
    expect((await act('patch /v1/alert-rules/{id}', ofRule, token, { name: 'More' })).records).toMatchObject([
      { action: 'rule_changed', before: { name: 'News' }, after: { name: 'More', changed: ['name'] } },
    ]);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const silence = await act('post /v1/alert-silences', {}, token, { ruleId: rule.body.id, until });
    expect(silence.records).toMatchObject([{ action: 'silence_made', after: { ruleId: rule.body.id, until } }]);
    const ofSilence = { id: silence.body.id };
    expect((await act('patch /v1/alert-silences/{id}', ofSilence, token, { reason: 'why' })).actions).toEqual([
      'silence_changed',
    ]);
    expect((await act('delete /v1/alert-silences/{id}', ofSilence, token)).actions).toEqual(['silence_ended']);
    expect((await act('delete /v1/alert-rules/{id}', ofRule, token)).actions).toEqual(['rule_removed']);

    const feed = await act('post /v1/feeds', {}, token, {
      name: 'wire',
      kind: 'rss',
      url: `${new URL(receiver.url).origin}/secret-of-the-path`,
      headers: { authorization: HEADER_SECRET },
      enabled: false,
    });
    expect(feed.actions).toEqual(['feed_made']);
    const ofFeed = { id: feed.body.id };
    expect((await act('patch /v1/feeds/{id}', ofFeed, token, { name: 'wires' })).actions).toEqual(['feed_changed']);
    expect((await act('delete /v1/feeds/{id}', ofFeed, token)).actions).toEqual(['feed_removed']);

    const url = new URL(PATH, receiver.url).href;
    const hook = await act('post /v1/webhooks', {}, token, { url });
    secrets.add(hook.body.secret);
    expect(hook.records).toMatchObject([{ action: 'webhook_made', after: { host: receiver.host } }]);
    const ofHook = { id: hook.body.id };
    const moved = await act('patch /v1/webhooks/{id}', ofHook, token, { url: `${url}-2` });
    expect(moved.records).toMatchObject([{ action: 'webhook_changed', after: { changed: ['url'] } }]);
    const rotated = await act('post /v1/webhooks/{id}/rotate-secret', ofHook, token);
    secrets.add(rotated.body.secret);
    expect(rotated.actions).toEqual(['webhook_secret_rotated']);
    expect((await act('post /v1/webhooks/{id}/pause', ofHook, token)).actions).toEqual(['webhook_paused']);
    expect((await act('post /v1/webhooks/{id}/enable', ofHook, token)).actions).toEqual(['webhook_enabled']);
    expect((await act('delete /v1/webhooks/{id}', ofHook, token)).actions).toEqual(['webhook_removed']);

    const imported = await act(
      'post /v1/instruments/imports',
      {},
      token,
      Buffer.from(kiteCsv(contracts(3))),
      '?broker=zerodha',
    );
    expect(imported.records).toMatchObject([
      { action: 'master_imported', after: { broker: 'zerodha', master: 'kite', mappingGiven: false, inserted: 3 } },
    ]);
    const back = await act('post /v1/instruments/imports/{id}/rollback', { id: imported.body.importId }, token);
    expect(back.actions).toEqual(['master_rolled_back']);
    const ofMapping = { broker: 'kept', name: 'cash' };
    const mapping = { key: ['token'], columns: { tradingsymbol: 'symbol' }, constants: { exchange: 'NSE' } };
    expect(
      (await act('put /v1/instruments/mappings/{broker}/{name}', ofMapping, token, mapping)).records,
    ).toMatchObject([{ action: 'mapping_stored', after: ofMapping }]);
    expect((await act('delete /v1/instruments/mappings/{broker}/{name}', ofMapping, token)).actions).toEqual([
      'mapping_removed',
    ]);
  });

  it('every operation that changes users, keys, rules, feeds, webhooks or imports is tested for its audit record', async () => {
    const { body: api } = await desk.request('GET', '/openapi.json');
    const changing = Object.entries<any>(api.paths)
      .filter(([path]) => AUDITED.test(path))
      .flatMap(([path, item]) =>
        ['post', 'put', 'patch', 'delete'].filter((method) => item[method]).map((method) => `${method} ${path}`),
      );
    expect(changing.length).toBeGreaterThan(20);
    expect(changing.filter((operation) => !called.has(operation) && EXEMPT[operation] === undefined)).toEqual([]);
    expect(Object.keys(EXEMPT).filter((operation) => !changing.includes(operation))).toEqual([]);
  });

  it('refused sign-ins are counted in one row per reason, user and address, without e-mails of unknown users', async () => {
    const user = await desk.login('viewer');
    const refused = (email: string, password: string) =>
      desk.request('POST', '/v1/auth/login', { body: { email, password } });
    const typed = 'password-typed-as-an@e-mail.example';
    secrets.add(typed).add('a wrong password');
    for (let n = 0; n < 6; n++) await refused(user.email, 'a wrong password');
    await refused(typed, 'a wrong password');
    await runTask(desk, 'audit-refusals');
    const { items } = await audit('action=sign_in_refused');
    const counted = (reason: string) => items.filter((item: any) => item.after.reason === reason);
    const wrong = counted('wrong_password');
    // Two rows if a minute ended in between.
    expect(wrong.length).toBeLessThanOrEqual(2);
    expect(wrong.reduce((sum: number, { count }: any) => sum + count, 0)).toBe(6);
    expect(wrong[0]).toMatchObject({
      actorId: null,
      actorVia: 'anonymous',
      subjectId: user.userId,
      address: '127.0.0.1',
    });
    expect(counted('unknown_user')).toMatchObject([{ subjectId: null, count: 1 }]);
  });

  it('an audit record is rolled back with its operation', async () => {
    const work = desk.get(Transactions).atomic(async () => {
      await desk.get(AuditLog).record({ action: 'user_changed', subject: { kind: 'spec', id: 'rolled-back' } });
      throw new Error('undone');
    });
    await expect(work).rejects.toThrow('undone');
    expect(await rows(`SELECT FROM audit_records WHERE subject_kind = 'spec'`)).toEqual([]);
    expect(lines.filter((line) => line.includes('rolled-back'))).toEqual([]);
  });

  it('no audit row or log line contains a secret, and each row has a log line and a count', async () => {
    const [{ text }] = (await rows(
      `SELECT string_agg(r::text || e.payload::text, ' ') AS text FROM audit_records r
       JOIN trading_events e ON e.payload ->> 'recordId' = r.id::text`,
    )) as [{ text: string }];
    const logged = lines.join('\n');
    expect(secrets.size).toBeGreaterThan(15);
    for (const secret of secrets)
      expect([secret, text.includes(secret), logged.includes(secret)]).toEqual([secret, false, false]);
    const [{ count }] = (await rows(`SELECT count(*)::integer AS count FROM audit_records`)) as [{ count: number }];
    expect(lines.filter((line) => line.includes('"msg":"audit"')).length).toBe(count);
    const { body: metrics } = await desk.request('GET', '/metrics', {});
    expect(metrics).toMatch(/audit_records_total\{action="webhook_secret_rotated"\} 1/);
  });

  it('admins list the audit trail newest first in pages, by actor, subject, action and time', async () => {
    const all: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: any = await audit(`actorId=${admin.userId}&limit=4${cursor && `&cursor=${cursor}`}`);
      all.push(...page.items.map(({ id }: any) => id));
      expect(page.items.every(({ actorId }: any) => actorId === admin.userId)).toBe(true);
      cursor = page.nextCursor;
    }
    expect(all.length).toBeGreaterThan(10);
    expect(all).toEqual([...new Set(all)].sort().reverse());
    expect((await audit('action=feed_made')).items).toHaveLength(1);
    expect((await audit('to=2020-01-01T00:00:00Z')).items).toEqual([]);
    expect((await audit('from=2020-01-01T00:00:00Z&limit=1')).items).toHaveLength(1);
    const misspelt = await desk.request('GET', '/v1/audit?action=feed_mad', { token: admin.token });
    const allowed = expect.stringContaining('feed_made, feed_changed');
    expect(misspelt).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'action', seen: '"feed_mad"', allowed }] },
    });
    const operator = await desk.login('operator');
    const refused = await desk.request('GET', '/v1/audit', { token: operator.token });
    expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_ROLE_REQUIRED']);
  });

  it('audit records are removed after AUDIT_RETENTION', async () => {
    await rows(`INSERT INTO audit_records (id, action, actor_via, subject_kind, correlation_id)
                SELECT uuidv7(age), 'spec_aged', 'system', 'spec', 'spec' FROM unnest(ARRAY[interval '-401 days', interval '-399 days']) age`);
    await runTask(desk, 'retention-audit_records');
    expect((await audit('correlationId=spec')).items).toHaveLength(1);
  });
});
