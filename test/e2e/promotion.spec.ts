import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { startApp } from '../../apps/api/start-app.js';
import { eventually } from '../setup/eventually.js';
import type { TestApp } from '../setup/test-app.js';
import { testEnvironment, testInternals } from '../setup/test-environment.js';
import { EXPORT_KEY, ReplicatedDesk } from './replicated-desk.fixture.js';

const ISSUE = `INSERT INTO instrument_import_issues (import_id, line, severity, reason, excerpt)
  SELECT id, 1, 'warning', 'r', 'e' FROM instrument_imports RETURNING id::integer AS id`;

/** The primary region is lost, and the secondary takes over. */
describe('a promoted secondary', () => {
  const desk = new ReplicatedDesk();
  let waiting: Promise<TestApp>;
  let promoted: TestApp;
  let isReady = false;
  let held: { snapshot: { id: string } };
  let lastIssue: number;
  let earlier: { email: string; apiKey: string };
  let late: { endpointId: string; email: string; apiKey: string };
  let result: { secrets: { table: string; exported: number; loaded: number }[]; paused: string[]; lastBeatAt: string };

  const makeKey = async (token: string): Promise<{ id: string; key: string }> =>
    (await desk.app.request('POST', '/v1/auth/api-keys', { token, body: { name: 'k', roles: ['viewer'] } })).body;

  beforeAll(async () => {
    await desk.open();
    await desk.replicate();
    const { secrets, app } = desk;
    await desk.primary.rows(
      `INSERT INTO instrument_imports (position, broker, kind, source) VALUES (1, 'b', 'import', 's')`,
    );
    await desk.primary.rows(ISSUE);
    lastIssue = (await desk.primary.rows<{ id: number }>(ISSUE))[0]!.id;
    const revoked = await makeKey(secrets.token);
    const changed = await app.login('viewer');
    await desk.deskwire(`secrets export --sealed ${desk.exportFile} --json`).json();
    await app.request('DELETE', `/v1/auth/api-keys/${revoked.id}`, { token: secrets.token });
    await desk.deskwire(`users reset ${changed.email} --json`).json();
    const operator = await app.login('operator');
    const made = await app.request('POST', '/v1/webhooks', { token: operator.token, body: { url: desk.receiver.url } });
    const key = await makeKey(operator.token);
    late = { endpointId: made.body.id, email: operator.email, apiKey: key.key };
    earlier = { email: changed.email, apiKey: revoked.key };
    // A delivery that the primary could not end.
    desk.receiver.answer = () => ({ status: 503 });
    await app
      .get(Transactions)
      .atomic(() =>
        app
          .get(DeliveryQueue)
          .enqueue([{ alertId: randomUUID(), endpointId: secrets.endpointId, messageId: 'left-over', body: '{}' }]),
      );
    await eventually(() => expect(desk.receiver.receipts.some(({ id }) => id === 'left-over')).toBe(true));
    held = (await app.request('GET', '/v1/dashboard?panels=sessions', { token: secrets.token })).body;
    await desk.caughtUp();
    waiting = desk.startOn(desk.secondary.url).then((started) => {
      isReady = true;
      return started;
    });
    await desk.app.close();
    await desk.primary.kill();
    desk.receiver.answer = () => ({ status: 200, body: 'ok' });
  });
  afterAll(async () => {
    await promoted?.close();
    await desk.close();
  });

  it('a desk that starts on a secondary waits for the promotion, and says so if it is read-only', async () => {
    const running = await startApp(testEnvironment(desk.secondary.url, { DB_READONLY: 'true' }), [...testInternals]);
    try {
      await eventually(async () => {
        const steps = ((await (await fetch(`${running.url}/health/startup`)).json()) as { steps: unknown }).steps;
        expect(JSON.stringify(steps)).toContain('The database is a secondary');
      });
    } finally {
      running.ready.catch(() => undefined);
      await running.app.close();
    }
    expect(isReady).toBe(false);
  });

  it('a promotion is refused while the primary does not answer, unless it is declared lost', async () => {
    const run = desk.deskwire(`replication promote --secrets ${desk.exportFile}`);
    expect(await run.exit).toBe(1);
    expect(run.stderr).toContain('--primary-lost');
    const without = desk.deskwire('replication promote --primary-lost');
    expect(await without.exit).toBe(64);
    expect(without.stderr).toContain('--no-secrets');
  });

  it('an export with another key, an altered line or a missing end stops a promotion before it changes anything', async () => {
    const text = readFileSync(desk.exportFile, 'utf8');
    for (const secret of [desk.secrets.webhookSecret, '$argon2id', desk.receiver.url])
      expect(text).not.toContain(secret);
    const lines = text.trimEnd().split('\n');
    const damaged = `${desk.exportFile}.damaged`;
    const attempt = async (content: string[], key = EXPORT_KEY) => {
      writeFileSync(damaged, content.join('\n'));
      const run = desk.deskwire(`replication promote --primary-lost --secrets ${damaged}`, {
        REPLICATION_EXPORT_KEY: key,
      });
      expect(await run.exit).toBe(1);
      return run.stderr;
    };
    expect(await attempt(lines, EXPORT_KEY.replace('88', '87'))).toContain('REPLICATION_EXPORT_KEY');
    expect(await attempt(lines.toSpliced(1, 1))).toContain('cannot be opened');
    expect(await attempt(lines.with(1, lines[2]!))).toContain('cannot be opened');
    expect(await attempt(lines.slice(0, -1))).toContain('its end is missing');
    expect(await desk.secondary.rows('SELECT FROM pg_subscription')).toHaveLength(1);
  });

  it('secrets are not imported into a secondary, which would hold them too early', async () => {
    const run = desk.deskwire(`secrets import --sealed ${desk.exportFile}`, { DATABASE_URL: desk.secondary.url });
    expect(await run.exit).toBe(1);
    expect(run.stderr).toContain('is a secondary');
  });

  it('the promotion loads the export, and the waiting desk becomes ready', async () => {
    result = await desk.deskwire(`replication promote --primary-lost --secrets ${desk.exportFile} --json`).json();
    promoted = await waiting;
    expect(
      Object.fromEntries(result.secrets.map(({ table, exported, loaded }) => [table, [exported, loaded]])),
    ).toEqual({
      users: [3, 2],
      api_keys: [2, 1],
      trading_sessions: [1, 1],
      webhook_endpoints: [1, 1],
      webhook_secrets: [1, 1],
    });
    expect(result.lastBeatAt).not.toBeNull();
    expect(await desk.secondary.rows('SELECT FROM pg_subscription')).toEqual([]);
    // The export was recorded where it was made. Its record came by replication, unlike the secrets.
    const acts = await desk.secondary.rows(
      `SELECT action, actor_via, after->'primaryLost' AS lost FROM audit_records WHERE subject_kind IN ('secrets', 'region') ORDER BY id`,
    );
    expect(acts).toEqual([
      { action: 'secrets_exported', actor_via: 'command_line', lost: null },
      { action: 'region_promoted', actor_via: 'command_line', lost: true },
    ]);
  });

  it('users sign in, API keys work and broker tokens open on the promoted desk; old logins have ended', async () => {
    const { email, password, apiKey, token, refreshToken, brokerToken } = desk.secrets;
    const login = await promoted.request('POST', '/v1/auth/login', { body: { email, password } });
    expect(login.status).toBe(200);
    expect((await promoted.request('GET', '/v1/auth/me', { token: apiKey })).body).toMatchObject({ email });
    expect((await promoted.request('GET', '/v1/auth/me', { token })).status).toBe(401);
    expect((await promoted.request('POST', '/v1/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    const save = { broker: 'zerodha', account: 'AB1234', accessToken: brokerToken, loginMethod: 'oauth' };
    const saved = await promoted.request('PUT', '/v1/sessions', {
      token: login.body.accessToken,
      body: { ...save, expiresAt: new Date(Date.now() + 7_200_000).toISOString() },
    });
    // The same token as before: its epoch stays.
    expect(saved.body).toMatchObject({ tokenEpoch: 1 });
  });

  it('a delivery that the primary left over arrives signed with the secret that its receiver knows', async () => {
    // The primary may have tried more than once: the next attempt is minutes away then.
    await desk.secondary.rows(
      `UPDATE alert_delivery_queue SET next_attempt_at = now() WHERE message_id = 'left-over' AND status = 'pending'`,
    );
    await eventually(() => expect(desk.receiver.effects.has('left-over')).toBe(true));
  });

  it('a screen of the promoted desk gets a first delta, and no id of the lost one is ever its start', async () => {
    const { email, password } = desk.secrets;
    const { body: login } = await promoted.request('POST', '/v1/auth/login', { body: { email, password } });
    const socket = promoted.socket(login.accessToken);
    await new Promise((resolve, reject) => socket.once('connect', resolve as () => void).once('connect_error', reject));
    const first = await socket.emitWithAck('dashboard:subscribe', { panels: ['sessions'] });
    const delta = new Promise<{ from: string; to: string }>((resolve) => socket.once('dashboard:delta', resolve));
    await promoted.request('PUT', '/v1/sessions', {
      token: login.accessToken,
      body: {
        broker: 'zerodha',
        account: 'NEW',
        accessToken: 't',
        loginMethod: 'oauth',
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      },
    });
    const { from, to } = await delta;
    expect(from).toBe(first.snapshot.id);
    const cluster = (id: string) => id.split('-')[0];
    expect([cluster(to), cluster(from)]).toEqual([cluster(first.snapshot.id), cluster(first.snapshot.id)]);
    expect(cluster(first.snapshot.id)).not.toBe(cluster(held.snapshot.id));
    // The accounts that were shown before are shown again, and the new one.
    const after = await promoted.request('GET', '/v1/dashboard?panels=sessions', {
      token: login.accessToken,
      headers: { 'cache-control': 'no-cache' },
    });
    expect(JSON.stringify(after.body)).toMatch(/AB1234.*NEW|NEW.*AB1234/);
  });

  it('what is newer than the export is closed, not open: no sign-in, no API key, and a paused webhook', async () => {
    const password = 'correct horse battery staple';
    const login = await promoted.request('POST', '/v1/auth/login', { body: { email: late.email, password } });
    expect(login.status).toBe(401);
    expect((await promoted.request('GET', '/v1/auth/me', { token: late.apiKey })).status).toBe(401);
    expect(result.paused).toEqual([late.endpointId]);
    const [endpoint] = await desk.secondary.rows(
      `SELECT state, state_reason FROM webhook_endpoints WHERE id = '${late.endpointId}'`,
    );
    expect(endpoint).toEqual({ state: 'disabled', state_reason: 'paused' });
  });

  it('a password that was changed and an API key that was revoked after the export do not return', async () => {
    const password = 'correct horse battery staple';
    const login = await promoted.request('POST', '/v1/auth/login', { body: { email: earlier.email, password } });
    expect(login.status).toBe(401);
    expect((await promoted.request('GET', '/v1/auth/me', { token: earlier.apiKey })).status).toBe(401);
  });

  it('sequences continue above the replicated rows, and every alert rule is noted', async () => {
    expect((await desk.secondary.rows<{ id: number }>(ISSUE))[0]!.id).toBe(lastIssue + 1);
    const [count] = await desk.secondary.rows(
      `SELECT (SELECT count(*) FROM alert_rules) > 0 AS some, (SELECT count(*) FROM alert_rules r LEFT JOIN alert_rule_changes c ON c.rule_id = r.id WHERE c.rule_id IS NULL)::int AS missing`,
    );
    expect(count).toEqual({ some: true, missing: 0 });
    // The epoch: whoever held a stamp of the secondary reloads everything.
    expect(await desk.secondary.rows(`SELECT FROM change_feed WHERE topic = '~purged'`)).not.toEqual([]);
  });
});
