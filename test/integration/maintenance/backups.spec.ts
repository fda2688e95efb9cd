import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import type { BackupReport } from '#maintenance';
import { CommandLine } from '../../e2e/command-line.fixture.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { eventually } from '../../setup/eventually.js';
import { startTestApp } from '../../setup/test-app.js';
import { fillEveryTable } from '../database/every-row.fixture.js';
import { ALTERATIONS } from './backup-alterations.fixture.js';
import { contentOf, EmptyCluster, KEYS, rowsOf, snapshotNamed } from './desk-copy.fixture.js';

/** Text that COPY must escape. */
const AWKWARD = "tab\\t newline\\n backslash \\\\ null \\\\N quote '' \" é 𝄞";

describe('deskwire backup and restore', () => {
  let source: TestDatabase;
  let cluster: EmptyCluster;
  let folder: string;
  let commands: CommandLine;
  let report: BackupReport;

  beforeAll(async () => {
    [source, cluster] = await Promise.all([createTestDatabase(), new EmptyCluster().start()]);
    folder = join(mkdtempSync(join(tmpdir(), 'deskwire-backup-')), 'backup');
    commands = new CommandLine();
    await deskwire(source.url, 'demo', 'load').exit;
    const desk = await startTestApp({ database: source, env: { DESKWIRE_ROLE: 'web' } });
    const { token } = await desk.login('trader');
    const write = async (method: string, path: string, body: unknown, headers = {}) => {
      const answer = await desk.request(method, path, { token, body, headers });
      expect([path, answer.status < 300]).toEqual([path, true]);
      return answer.body;
    };
    const once = { 'idempotency-key': 'key-of-the-backup-01' };
    await write('POST', '/v1/auth/api-keys', { name: 'a key', roles: ['trader'] }, once);
    let [running, written] = [true, 0];
    const load = (async () => {
      for (; running; written++)
        await desk.request('POST', '/v1/portfolios/snapshots', { token, body: snapshotNamed(`busy-${written}`) });
    })();
    await eventually(() => expect(written).toBeGreaterThan(0));
    await deskwire(source.url, 'backup', '--method', 'copy', join(folder, '..', 'busy')).exit;
    running = false;
    await load;
    await desk.close();
    await rowsOf(
      source.url,
      `UPDATE alert_rules SET name = E'${AWKWARD}' WHERE id = (SELECT min(id::text)::uuid FROM alert_rules)`,
    );
    // A purged change feed: its notes name ids of transactions.
    await rowsOf(
      source.url,
      `INSERT INTO change_feed (topic, key) SELECT '~purged', max(xid::text::bigint)::text FROM change_feed`,
    );
    report = await deskwire(source.url, 'backup', '--method', 'copy', folder, '--json').json();
  });
  afterAll(async () => {
    commands.remove();
    rmSync(join(folder, '..'), { recursive: true, force: true });
    await Promise.all([cluster.remove(), source.drop()]);
  });

  const deskwire = (url: string, ...args: string[]) => commands.run(args, { DATABASE_URL: url, ...KEYS });

  it('a restore into an empty cluster has every row of every table, and its schema has no drift', async () => {
    const restored = await deskwire(cluster.url, 'restore', folder, '--json').json<BackupReport>();
    const before = await contentOf(source.url);
    expect(restored).toMatchObject({ rows: report.rows, tables: report.tables, kind: 'copy' });
    const after = await contentOf(cluster.url);
    // The key of the purge's note is renewed, and a note of the restore is added.
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const [table, content] of Object.entries(before))
      if (table !== 'change_feed') expect({ table, ...after[table] }).toEqual({ table, ...content });
    expect(after['change_feed']!.rows).toBe(before['change_feed']!.rows + 1);
    expect(Object.values(before).filter(({ rows }) => rows > 0).length).toBeGreaterThan(20);
    expect(report.rows).toBe(Object.values(before).reduce((sum, { rows }) => sum + rows, 0));
    expect(await deskwire(cluster.url, 'migrate', 'check').exit).toBe(0);
    expect(await deskwire(cluster.url, 'migrate', 'status').exit).toBe(0);
  });

  it('a restored desk signs users in, accepts writes and continues its sequences', async () => {
    const desk = await startTestApp({ database: { url: cluster.url, drop: () => Promise.resolve() } });
    try {
      const [highest] = await rowsOf<{ position: string }>(
        cluster.url,
        'SELECT max(position) AS position FROM change_feed',
      );
      const { token } = await desk.login('operator');
      const rule = {
        name: 'after the restore',
        severity: 'info',
        condition: { op: 'exists', field: 'payload.symbol' },
      };
      expect((await desk.request('POST', '/v1/alert-rules', { token, body: rule })).status).toBe(201);
      const [position] = await rowsOf<{ above: boolean }>(
        cluster.url,
        `SELECT max(position) > ${highest!.position} AS above FROM change_feed`,
      );
      expect(position!.above).toBe(true);
      expect((await desk.request('GET', '/v1/dashboard', { token })).status).toBe(200);
    } finally {
      await desk.close();
    }
  });

  it('no restored transaction id lies in the future of the new server, so each reader sees the rows as committed', async () => {
    for (const table of ['change_feed', 'alert_rule_changes'])
      expect(
        await rowsOf(
          cluster.url,
          `SELECT xid::text FROM ${table} WHERE NOT pg_visible_in_snapshot(xid, pg_current_snapshot())`,
        ),
      ).toEqual([]);
    expect(
      await rowsOf(
        cluster.url,
        `SELECT endpoint_id FROM delivery_lanes WHERE NOT pg_visible_in_snapshot(claim_xid::text::xid8, pg_current_snapshot())`,
      ),
    ).toEqual([]);
    expect(
      await rowsOf(
        cluster.url,
        `SELECT key FROM change_feed WHERE topic = '~purged' AND NOT pg_visible_in_snapshot(key::xid8, pg_current_snapshot())`,
      ),
    ).toEqual([]);
  });

  it('a database with tables is refused and stays unchanged', async () => {
    const before = await contentOf(source.url);
    const refused = deskwire(source.url, 'restore', folder);
    expect(await refused.exit).toBe(1);
    expect(refused.stderr).toContain('The database is not empty');
    expect(await contentOf(source.url)).toEqual(before);
  });

  it('files of a backup are readable by their owner only', () => {
    for (const name of readdirSync(folder))
      expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0]);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  describe('a backup that cannot be restored', () => {
    let empty: TestDatabase;
    let copy: string;
    beforeAll(async () => {
      empty = await createEmptyDatabase();
    });
    afterAll(() => empty.drop());
    beforeEach(() => {
      copy = mkdtempSync(join(tmpdir(), 'deskwire-backup-'));
      cpSync(folder, copy, { recursive: true });
    });
    afterEach(() => rmSync(copy, { recursive: true, force: true }));

    it.each(ALTERATIONS)('a backup with %s restores nothing and says why', async (_what, alter, says) => {
      alter(copy);
      const refused = deskwire(empty.url, 'restore', copy);
      expect([await refused.exit, refused.stdout]).toEqual([1, '']);
      for (const part of [says].flat()) expect(refused.stderr).toContain(part);
      expect(refused.stderr).toContain('Nothing was restored');
      const left = await contentOf(empty.url);
      expect(Object.values(left).filter(({ rows }) => rows > 0)).toEqual([]);
    });

    it('a missing file is named before the database is asked', async () => {
      rmSync(join(copy, 'users.copy.gz'));
      const refused = deskwire('postgresql://deskwire@127.0.0.1:1/none', 'restore', copy);
      expect(await refused.exit).toBe(1);
      expect(refused.stderr).toContain('users.copy.gz is missing. Nothing was restored.');
    });

    it('a backup of a schema that was changed by hand is refused with the difference', async () => {
      await rowsOf(source.url, 'ALTER TABLE users ADD COLUMN left_by_hand text');
      await rowsOf(source.url, 'CREATE TABLE "Left by hand" (n integer)');
      const other = join(copy, 'other');
      try {
        expect(await deskwire(source.url, 'backup', '--method', 'copy', other).exit).toBe(0);
      } finally {
        await rowsOf(source.url, 'ALTER TABLE users DROP COLUMN left_by_hand');
        await rowsOf(source.url, 'DROP TABLE "Left by hand"');
      }
      const refused = deskwire(empty.url, 'restore', other);
      expect(await refused.exit).toBe(1);
      expect(refused.stderr).toContain('- column users.left_by_hand text');
      expect(refused.stderr).toContain('- column "Left by hand".n integer');
    });

    it('a backup with rows in every table, also awkward ones, is restored with all of them, also where others were refused', async () => {
      const full = await createTestDatabase();
      const client = new pg.Client({ connectionString: full.url });
      await client.connect();
      try {
        await fillEveryTable(client);
        await client.query(`UPDATE users SET email = email || E'${AWKWARD}'`);
        await client.query(`SELECT graphile_worker.add_job('spec', '{"a": "b\\\\c"}', queue_name := 'queue')`);
        const every = join(folder, '..', 'every');
        await deskwire(full.url, 'backup', '--method', 'copy', every, '--json').json();
        const restored = await deskwire(empty.url, 'restore', every, '--json').json<BackupReport>();
        const [before, after] = [await contentOf(full.url), await contentOf(empty.url)];
        const unused = Object.keys(before).filter((table) => before[table]!.rows === 0);
        expect(unused).toEqual(['graphile_worker._private_known_crontabs']);
        expect(restored.rows).toBe(Object.values(before).reduce((sum, { rows }) => sum + rows, 0));
        for (const [table, content] of Object.entries(before))
          if (table !== 'change_feed') expect({ table, ...after[table] }).toEqual({ table, ...content });
        expect(after['change_feed']!.rows).toBe(before['change_feed']!.rows + 1);
      } finally {
        await client.end();
        await full.drop();
      }
    });
  });

  it('a folder that is not empty, and a database without a desk, are not backed up', async () => {
    const again = deskwire(source.url, 'backup', folder);
    expect(await again.exit).toBe(1);
    expect(again.stderr).toContain('is not empty');
    const empty = await createEmptyDatabase();
    const nothing = deskwire(empty.url, 'backup', join(folder, '..', 'nothing'));
    expect(await nothing.exit).toBe(1);
    expect(nothing.stderr).toContain('no desk to back up');
    await empty.drop();
  });

  it.each([
    ['17.9', 'copy'],
    ['18.4 (Debian 18.4-1)', 'pg_dump'],
  ])('with a pg_dump %s on the PATH, a backup is written by %s', async (version, kind) => {
    const tools = mkdtempSync(join(tmpdir(), 'deskwire-tools-'));
    const script = `#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) ${version}" && exit\necho "$PGPASSWORD $*" > "${tools}/called"\n`;
    writeFileSync(join(tools, 'pg_dump'), script);
    chmodSync(join(tools, 'pg_dump'), 0o755);
    const { PATH } = process.env;
    process.env['PATH'] = `${tools}:${PATH}`;
    try {
      const made = await deskwire(source.url, 'backup', join(tools, 'backup'), '--json').json<BackupReport>();
      expect(made).toMatchObject({ kind, rows: report.rows, tables: report.tables });
      if (kind === 'pg_dump') {
        const called = readFileSync(join(tools, 'called'), 'utf8');
        expect(called).toMatch(
          /^deskwire --format=custom .*--snapshot=\S+ --file=\S+database\.dump --dbname=postgresql:\/\/deskwire@/,
        );
      }
    } finally {
      process.env['PATH'] = PATH;
      rmSync(tools, { recursive: true, force: true });
    }
  });

  it('a backup of a desk in use is one moment: it has no portfolio without its entry in the change feed', () => {
    const busy = (table: string, of = '') =>
      gunzipSync(readFileSync(join(folder, '..', 'busy', `${table}.copy.gz`)))
        .toString()
        .split('\n')
        .filter((row) => row.includes(of))
        .flatMap((row) => row.match(/busy-\d+/g) ?? []);
    // A snapshot and its entry of the change feed are one transaction.
    const [snapshots, entries] = [new Set(busy('portfolio_snapshots')), new Set(busy('change_feed', '\tportfolios\t'))];
    expect(snapshots.size).toBeGreaterThan(0);
    expect(entries).toEqual(snapshots);
  });
});
