import { createHash } from 'node:crypto';
import { eventually } from '../setup/eventually.js';
import { PrometheusServer } from '../setup/prometheus-server.js';
import { itWithPrometheus } from '../setup/prometheus-tools.js';
import { KeptSession } from './kept-session.fixture.js';
import { ReplicatedDesk } from './replicated-desk.fixture.js';

interface ReplicationCheck {
  status: string;
  detail: string;
}

describe('a desk that replicates to a second cluster', () => {
  const desk = new ReplicatedDesk();
  let operator: string;
  let beforeSetup: ReplicationCheck;

  beforeAll(async () => {
    await desk.open();
    await desk.secondary.rows('CREATE DATABASE successor TEMPLATE deskwire');
    operator = (await desk.app.login('operator')).token;
    beforeSetup = await verified();
    await desk.replicate();
  });
  afterAll(() => desk.close());

  async function verified(): Promise<ReplicationCheck> {
    const run = desk.deskwire(`verify --json --url ${desk.app.url}`);
    await run.exit;
    return JSON.parse(run.stdout).checks.find(({ check }: { check: string }) => check === 'replication');
  }

  const tablesOf = async (cluster = desk.primary) =>
    (
      await cluster.rows<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
      )
    ).map(({ name }) => name);
  const published = async () =>
    (
      await desk.primary.rows<{ name: string; columns: string[] }>(
        `SELECT tablename AS name, attnames::text[] AS columns FROM pg_publication_tables WHERE pubname = 'deskwire_pub' ORDER BY 1`,
      )
    ).map(({ name, columns }) => ({ name, columns }));

  it('every column that may hold a secret is left out of the publication', async () => {
    const columns = (await published()).flatMap(({ name, columns: all }) => all.map((column) => `${name}.${column}`));
    expect(columns).toContain('users.email');
    expect(columns.filter((column) => /sealed|hash|secret|fingerprint|password/.test(column))).toEqual([]);
    const tables = (await published()).map(({ name }) => name);
    for (const table of ['webhook_secrets', 'refresh_tokens', 'logins', 'change_feed'])
      expect(tables).not.toContain(table);
  });

  it('the secondary has every published row of the primary', async () => {
    await desk.app.request('POST', '/v1/auth/api-keys', {
      token: desk.secrets.token,
      body: { name: 'added after the copy', roles: ['viewer'] },
    });
    const wanted = await published();
    expect(wanted.length).toBeGreaterThan(30);
    await eventually(async () => {
      for (const { name, columns } of wanted.filter((one) => one.name !== 'replication_beats')) {
        const content = `SELECT md5(coalesce(string_agg(r::text, chr(10) ORDER BY r::text), '')) AS digest, count(*)::int AS n FROM (SELECT ${columns.join(', ')} FROM ${name}) r`;
        const [[here], [there]] = await Promise.all([desk.primary.rows(content), desk.secondary.rows(content)]);
        expect([name, there]).toEqual([name, here]);
      }
    });
    const [{ n }] = (await desk.secondary.rows<{ n: number }>(`SELECT count(*)::int AS n FROM api_keys`)) as [
      { n: number },
    ];
    expect(n).toBe(2);
  });

  it('no table of the secondary contains a secret of the primary, in any form', async () => {
    const { secrets } = desk;
    const withheld = await desk.primary.rows<{ value: string }>(`
      SELECT password_hash AS value FROM users UNION ALL SELECT encode(key_hash, 'hex') FROM api_keys
      UNION ALL SELECT encode(token_hash, 'hex') FROM refresh_tokens UNION ALL SELECT sealed FROM webhook_secrets
      UNION ALL SELECT sealed_path FROM webhook_endpoints UNION ALL SELECT sealed_headers FROM webhook_endpoints UNION ALL SELECT access_token_sealed FROM trading_sessions
      UNION ALL SELECT encode(token_fingerprint, 'hex') FROM trading_sessions`);
    expect(withheld.length).toBeGreaterThanOrEqual(10);
    const clear = [
      secrets.password,
      secrets.token,
      secrets.refreshToken,
      secrets.apiKey,
      secrets.brokerToken,
      secrets.webhookSecret.slice(6),
      'secret-path',
      'key-of-the-receiver',
    ];
    const needles = [
      ...withheld.map(({ value }) => value),
      ...clear.flatMap((text) => [
        text,
        Buffer.from(text).toString('hex'),
        Buffer.from(text).toString('base64url'),
        createHash('sha256').update(text).digest('hex'),
      ]),
    ];
    const found = async (cluster: typeof desk.primary) => {
      const texts = await Promise.all(
        (await tablesOf(cluster)).map(async (table) => {
          const rows = await cluster.rows<{ text: string }>(`SELECT to_jsonb(t)::text AS text FROM ${table} t`);
          return rows.map(({ text }) => text).join('\n');
        }),
      );
      const all = texts.join('\n');
      return needles.filter((needle) => all.includes(needle));
    };
    // The search finds them where they are: on the primary.
    expect((await found(desk.primary)).length).toBeGreaterThanOrEqual(withheld.length);
    expect(await found(desk.secondary)).toEqual([]);
  });

  it('lag, slot and subscription are shown by the API, the command and the metrics', async () => {
    await eventually(async () => {
      const { status, body } = await desk.app.request('GET', '/v1/replication', { token: operator });
      expect(status).toBe(200);
      expect(body.slots).toMatchObject([{ slot: 'deskwire_sub', active: true, inactiveSince: null }]);
      expect(body.slots[0].lagSeconds).toBeLessThan(30);
      expect(body.secondary).toMatchObject({
        reachable: true,
        subscription: { enabled: true, tablesPending: 0, conflicts: { insert_exists: 0 } },
      });
      expect(body.secondary.subscription.lastBeatAt).not.toBeNull();
      expect(await desk.metric('replication_slot_active{slot="deskwire_sub"}')).toBe(1);
      expect(await desk.metric('replication_slot_retained_wal_bytes{slot="deskwire_sub"}')).toBeGreaterThan(0);
      expect(await desk.metric('replication_conflicts_total{kind="insert_exists"}')).toBe(0);
      expect(await desk.metric('replication_secondary_up')).toBe(1);
    });
    expect((await desk.app.request('GET', '/v1/replication', { token: desk.secrets.token })).status).toBe(403);
    const status = await desk.deskwire('replication status --json').json();
    expect(status.slots).toMatchObject([{ slot: 'deskwire_sub', active: true }]);
  });

  it('the secondary refuses the writes of everyone but the subscription', async () => {
    const [{ on }] = (await desk.secondary.rows<{ on: boolean }>(
      `SELECT 'default_transaction_read_only=on' = ANY (setconfig) AS on FROM pg_db_role_setting WHERE setrole = 0`,
    )) as [{ on: boolean }];
    expect(on).toBe(true);
  });

  it('a secondary that was cut off catches up, and the lag was measured meanwhile', async () => {
    await desk.primary.proxy.become('hang');
    const { body } = await desk.app.request('POST', '/v1/auth/api-keys', {
      token: desk.secrets.token,
      body: { name: 'while cut off', roles: ['viewer'] },
    });
    await eventually(async () => {
      expect(await desk.metric('replication_lag_seconds{slot="deskwire_sub"}')).toBeGreaterThan(1);
      expect(await desk.metric('replication_lag_bytes{slot="deskwire_sub"}')).toBeGreaterThan(0);
    });
    const there = () => desk.secondary.rows(`SELECT FROM api_keys WHERE id = '${body.id}'`);
    expect(await there()).toHaveLength(0);
    await desk.primary.proxy.become('pass');
    await eventually(async () => expect(await there()).toHaveLength(1));
    await eventually(async () =>
      expect(await desk.metric('replication_lag_seconds{slot="deskwire_sub"}')).toBeLessThan(1),
    );
  });

  it('deskwire verify fails before replication is set up and while the secondary is cut off, and passes when it follows', async () => {
    const fails = (detail: string) => ({ status: 'fail', detail: expect.stringContaining(detail) });
    expect(beforeSetup).toMatchObject(fails('replication setup'));
    await desk.primary.proxy.become('refuse');
    await eventually(async () =>
      expect(await desk.primary.rows('SELECT FROM pg_replication_slots WHERE active')).toEqual([]),
    );
    expect(await verified()).toMatchObject(fails('no subscriber'));
    await desk.primary.proxy.become('pass');
    await desk.caughtUp();
    await eventually(async () =>
      expect(await verified()).toMatchObject({ status: 'pass', detail: expect.stringMatching(/^\d+ s behind/) }),
    );
  });

  const rule = (name: string, cluster = desk.primary) =>
    cluster.rows(
      `INSERT INTO instrument_names (name, broker, exchange, first_symbol, last_symbol) VALUES ('${name}', 'b', 'e', 'A', 'B')`,
    );
  const names = async (like: string) =>
    (
      await desk.secondary.rows<{ name: string }>(
        `SELECT name FROM instrument_names WHERE name LIKE '${like}%' ORDER BY 1`,
      )
    ).map(({ name }) => name);

  it('a conflict is counted, stops the replication, and ends when the row on the secondary is removed', async () => {
    await rule('conflict-1', desk.secondary);
    await rule('conflict-1');
    await rule('conflict-2');
    await eventually(async () =>
      expect(await desk.metric('replication_conflicts_total{kind="insert_exists"}')).toBeGreaterThan(0),
    );
    const shown = await desk.deskwire('replication conflicts --json').json();
    expect(shown.conflicts.insert_exists).toBeGreaterThan(0);
    expect(await names('conflict')).toEqual(['conflict-1']);
    await desk.secondary.rows(`DELETE FROM instrument_names WHERE name = 'conflict-1'`);
    await eventually(async () => expect(await names('conflict')).toEqual(['conflict-1', 'conflict-2']));
  });

  itWithPrometheus('a conflict fires ReplicationConflict in a real Prometheus', async () => {
    const jobs = [{ name: 'deskwire', url: desk.app.url }];
    const prometheus = await PrometheusServer.start('1s', jobs, 'prometheus/alerts.yml');
    try {
      const counted = () => prometheus.query('replication_conflicts_total{kind="insert_exists"}');
      const firing = () => prometheus.query('ALERTS{alertname="ReplicationConflict", alertstate="firing"}');
      await eventually(async () => expect(await counted()).toHaveLength(1));
      expect(await firing()).toEqual([]);
      await rule('alerted', desk.secondary);
      await rule('alerted');
      await eventually(async () =>
        expect(await firing()).toMatchObject([{ metric: { kind: 'insert_exists', severity: 'critical' } }]),
      );
    } finally {
      await prometheus.stop();
      await desk.secondary.rows(`DELETE FROM instrument_names WHERE name = 'alerted'`);
    }
    await eventually(async () => expect(await names('alerted')).toEqual(['alerted']));
  });

  it('a blocked transaction is left out by the documented command, and only that one', async () => {
    await desk.caughtUp();
    await rule('skipped-1', desk.secondary);
    await rule('skipped-1');
    await rule('skipped-2');
    const before = await desk.metric('replication_conflicts_total{kind="insert_exists"}');
    await eventually(async () =>
      expect(await desk.metric('replication_conflicts_total{kind="insert_exists"}')).toBeGreaterThan(before!),
    );
    const { skipped } = await desk.deskwire('replication conflicts --skip --json').json();
    expect(skipped.tables).toEqual({ instrument_names: 1 });
    await eventually(async () => expect(await names('skipped')).toEqual(['skipped-1', 'skipped-2']));
    await desk.caughtUp();
  });

  describe('with a second secondary', () => {
    let url: string;
    let successor: KeptSession;
    beforeAll(() => {
      url = desk.secondary.url.replace(/deskwire$/, 'successor');
      successor = new KeptSession(url);
    });
    afterAll(() => successor.end());

    it('a new secondary takes the place of a lost one with --replace-slot', async () => {
      const from = `--primary-url ${desk.primary.proxy.url}`;
      const setup = (option = '') => desk.deskwire(`replication setup --json ${from} --secondary ${url}${option}`);
      const refused = async (option: string, text: string) => {
        const run = setup(option);
        expect([await run.exit, run.stderr]).toEqual([1, expect.stringContaining(text)]);
      };
      await refused(' --replace-slot', 'Another secondary');
      await desk.secondary.rows('ALTER SUBSCRIPTION deskwire_sub DISABLE');
      await eventually(() => refused('', '--replace-slot'));
      expect(await setup(' --replace-slot').json()).toEqual({ result: 'created' });
      await eventually(async () =>
        expect(await successor.rows(`SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r'`)).toEqual([]),
      );
    });

    it('a secondary can be promoted without secrets, and then has no password of the primary', async () => {
      const promote = 'replication promote --json --primary-lost --no-secrets';
      expect(await desk.deskwire(promote).json()).toMatchObject({ secrets: [], paused: [desk.secrets.endpointId] });
      const [ours, theirs] = await Promise.all(
        [desk.primary, desk.secondary].map(async (cluster) =>
          (await cluster.rows<{ hash: string }>('SELECT password_hash AS hash FROM users')).map(({ hash }) => hash),
        ),
      );
      expect(theirs).toHaveLength(ours!.length);
      expect(theirs!.filter((hash) => ours!.includes(hash))).toEqual([]);
    });

    it('a planned promotion waits for the last write of the primary, which then refuses writes', async () => {
      const write = (name: string) =>
        desk.app.request('POST', '/v1/auth/api-keys', {
          ...{ token: desk.secrets.token, body: { name, roles: ['viewer'] } },
        });
      await desk.deskwire(`secrets export --sealed ${desk.exportFile} --json`).json();
      // The secondary is behind when the promotion begins.
      await desk.primary.proxy.become('hang');
      const last = await write('last');
      expect(last.status).toBe(201);
      const promote = `replication promote --secrets ${desk.exportFile} --secondary ${url}`;
      const promotion = desk.deskwire(`${promote} --json`).json();
      await eventually(async () => expect((await write('refused')).status).toBe(503));
      await desk.primary.proxy.become('pass');
      expect((await promotion).paused).toEqual([]);
      expect(await successor.rows(`SELECT FROM api_keys WHERE id = '${last.body.id}'`)).toHaveLength(1);
      expect((await write('refused')).status).toBe(503);
      expect(await desk.primary.rows('SELECT FROM pg_replication_slots')).toEqual([]);
      const again = desk.deskwire(promote);
      expect(await again.exit).toBe(1);
      expect(again.stderr).toContain('no secondary');
    });
  });
});
