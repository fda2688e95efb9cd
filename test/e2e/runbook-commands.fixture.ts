import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { errorCatalogue } from '#errors';
import { configSlices } from '../../apps/api/config-slices.js';
import { envExample } from '../../apps/cli/settings-text.js';
import { eventually } from '../setup/eventually.js';
import type { TestApp } from '../setup/test-app.js';
import { CommandLine } from './command-line.fixture.js';

/** Commands that no test of the runbook runs, each with the reason. */
const NOT_RUN: [RegExp, string][] = [
  [/^(npm run|docker compose) .*\.\.$|^deskwire \.\.$/, 'shows how commands are called'],
  [/^(ss|redis-cli|SLOWLOG) /, 'run beside a Redis by a test of their own, in operators-docs.spec'],
  [/^node --cpu-prof$/, 'an option'],
  [/^kubectl /, 'compared with deploy/kubernetes by its own test'],
];
/** SQLSTATEs of statements that are right, and need a state of the server that a test does not have. */
const EXPECTED_REFUSALS: Record<string, string> = {
  'SELECT pg_promote()': '55000', // recovery is not in progress
  "ROLLBACK PREPARED 'GID'": '42704', // there is no such transaction
};
/** Needs two clusters, which test/e2e/replication.spec.ts has. Here only its words are looked up. */
const TWO_CLUSTERS = /^deskwire replication /;
const EXIT_CODES: Record<string, number[]> = { verify: [0, 5] };

type Kind = 'deskwire' | 'sql' | 'http' | 'metric' | 'setting';

/** Runs the commands of the runbook on a desk, and looks up the settings and metrics that it names. */
export class RunbookCommands {
  readonly checked: Record<Kind, number> = { deskwire: 0, sql: 0, http: 0, metric: 0, setting: 0 };
  private readonly commands = new CommandLine();
  private readonly settings = settingNames();

  private constructor(
    private readonly desk: TestApp,
    private readonly client: pg.Client,
    private readonly databaseUrl: string,
    private readonly receiverUrl: string,
    private readonly tokens: readonly string[],
    private readonly email: string,
    private readonly metrics: string,
  ) {}

  static async prepare(desk: TestApp, client: pg.Client, databaseUrl: string, receiverUrl: string) {
    const [operator, admin] = [await desk.login('operator'), await desk.login('admin')];
    await desk.request('GET', '/health');
    const metrics = (await desk.request<string>('GET', '/metrics')).body;
    const tokens = [operator.token, admin.token];
    return new RunbookCommands(desk, client, databaseUrl, receiverUrl, tokens, operator.email, metrics);
  }

  close(): void {
    this.commands.remove();
  }

  /** @param prose commands are named and not run @returns what is wrong; undefined if nothing is */
  async check(code: string, prose = false): Promise<string | undefined> {
    if (NOT_RUN.some(([pattern]) => pattern.test(code))) return undefined;
    if (code.startsWith('deskwire ') && (prose || TWO_CLUSTERS.test(code)))
      return this.count('deskwire', this.named(code.split(' ').slice(1)));
    if (code.startsWith('deskwire ')) return this.count('deskwire', this.deskwire(code));
    if (/^(SELECT|ALTER|ROLLBACK) /.test(code)) return this.count('sql', this.sql(code));
    const psql = /^psql "\$DATABASE_URL" -c '(.*)'$/.exec(code);
    if (psql) return this.count('sql', this.sql(psql[1]!));
    const call = /^(GET|POST|PUT|PATCH|DELETE) (\S+)(?: (\{.*\}))?$/.exec(code);
    if (call) return this.count('http', this.call(call[1]!, call[2]!, call[3]));
    const path = /^(?:curl -i http:\/\/HOST:3000)?(\/(?:health|metrics|v1)\S*)$/.exec(code);
    if (path) return this.count('http', this.call('GET', path[1]!, undefined));
    if (/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+(=|$)/.test(code)) return this.count('setting', this.setting(code));
    const named = [...code.matchAll(/\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b(?:\{([^}]*)\})?/g)];
    const isQuery = /\b(rate|increase|sum|topk|histogram_quantile)\(/.test(code);
    if (!isQuery && (named.length !== 1 || named[0]![0] !== code)) return undefined;
    for (const [, name, matchers = ''] of named) {
      const problem = await this.count('metric', Promise.resolve(this.metric(name!, matchers)));
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  private count(kind: Kind, problem: Promise<string | undefined>): Promise<string | undefined> {
    this.checked[kind] += 1;
    return problem;
  }

  /** Looks up the words of a command and its options in its help. */
  private async named(words: readonly string[]): Promise<string | undefined> {
    const path = words.slice(0, words.findIndex((word) => /^(-|[A-Z"]|\.\.)/.test(word)) >>> 0);
    const run = this.commands.run([...path, '--help'], {});
    const usage = `deskwire ${path.join(' ')} `;
    if ((await run.exit) !== 0 || !run.stdout.includes(usage)) return `no command ${usage}`;
    const unknown = words.filter((word) => word.startsWith('--') && !run.stdout.includes(`${word} `));
    return unknown.length === 0 ? undefined : `no option ${unknown.join(', ')}`;
  }

  private async deskwire(code: string): Promise<string | undefined> {
    const { hostname, port } = new URL(this.desk.url);
    const settings = { DATABASE_URL: this.databaseUrl, HOST: hostname, PORT: port };
    const known = code.replace('WHO', this.email).replace('--watch 60s', '--watch 10ms');
    const words = (known.includes(' ID') ? known.replace(' ID', ` ${await this.deadDelivery()}`) : known)
      .split(' ')
      .slice(1);
    // A server does not end, so its options are looked up.
    const serve = words[0] === 'serve';
    const run = this.commands.run(serve ? ['serve', '--help'] : words, settings);
    const exit = await run.exit;
    const option = words.find((word) => word.startsWith('--'));
    if (serve && option !== undefined && !run.stdout.includes(option)) return `no option ${option}`;
    if (code === 'deskwire migrate down') await this.commands.run(['migrate', 'up'], settings).exit;
    return (EXIT_CODES[words[0]!] ?? [0]).includes(exit) ? undefined : `exit ${exit}: ${run.stderr}`;
  }

  private async sql(code: string): Promise<string | undefined> {
    const { rows } = await this.client.query<{ name: string }>('SELECT current_database() AS name');
    try {
      await this.client.query(code.replaceAll('PID', '0').replace('..', rows[0]!.name));
      return undefined;
    } catch (error) {
      const { code: state, message } = error as Error & { code: string };
      return EXPECTED_REFUSALS[code] === state ? undefined : message;
    }
  }

  private async call(method: string, pattern: string, given: string | undefined): Promise<string | undefined> {
    const path = await this.filled(pattern);
    const times = ['"2026-01-05T09:00:00Z"', '"2026-01-05T10:00:00Z"'];
    const body =
      given === undefined ? undefined : (JSON.parse(given.replaceAll(/\.\./g, () => times.shift()!)) as unknown);
    const answers: number[] = [];
    // A check may not answer in time on a busy machine.
    if (path === '/health')
      await eventually(async () => expect((await this.desk.request('GET', path)).status).toBe(200));
    for (const token of this.tokens) {
      const { status } = await this.desk.request(method, path, { token, body });
      if (status < 300 || status === 409) return undefined;
      answers.push(status);
    }
    return `answers ${answers.join(', ')}`;
  }

  /** Puts ids of new objects into a path. */
  private async filled(pattern: string): Promise<string> {
    const [token] = this.tokens;
    const post = async (path: string, body: unknown) => (await this.desk.request('POST', path, { token, body })).body;
    let path = pattern.replace('TYPE', 'EventSetAside');
    if (path.includes('/webhooks/ID'))
      path = path.replace('ID', (await post('/v1/webhooks', { url: this.receiverUrl })).id);
    if (path.includes('/feeds/ID')) {
      const feed = { name: `feed ${randomUUID()}`, kind: 'rss', url: 'https://wire.example/rss' };
      path = path.replace('ID', (await post('/v1/feeds', feed)).id);
    }
    if (path.includes('/users/ID/api-keys/KEY')) {
      const { id } = await post('/v1/auth/api-keys', { name: randomUUID(), roles: ['operator'] });
      const { rows } = await this.client.query<{ id: string }>('SELECT user_id AS id FROM api_keys WHERE id = $1', [
        id,
      ]);
      path = path.replace('ID', rows[0]!.id).replace('KEY', id);
    }
    return path;
  }

  private async deadDelivery(): Promise<string> {
    const [token] = this.tokens;
    const { body: endpoint } = await this.desk.request('POST', '/v1/webhooks', {
      token,
      body: { url: this.receiverUrl },
    });
    const queue = this.desk.get(DeliveryQueue);
    const delivery = { alertId: null, endpointId: endpoint.id, messageId: randomUUID(), body: '{}' };
    const [made] = await this.desk.get(Transactions).atomic(() => queue.enqueue([delivery]));
    await this.client.query(`UPDATE alert_delivery_queue SET status = 'dead', settled_at = now() WHERE id = $1`, [
      made!.id,
    ]);
    return made!.id;
  }

  private setting(code: string): Promise<string | undefined> {
    const [name] = code.split('=');
    return Promise.resolve(this.settings.has(name!) ? undefined : 'no such setting or error code');
  }

  /** @param matchers as in `a{matchers}` */
  private metric(name: string, matchers: string): string | undefined {
    const [lib] = name.split('_');
    const base = name.replace(/_(bucket|sum|count)$/, '');
    if (base === 'histogram_quantile' || !this.metrics.includes(`\n# HELP ${lib}_`)) return undefined;
    if (![name, base].some((one) => this.metrics.includes(`# HELP ${one} `))) return 'no such metric';
    const series = this.metrics.split('\n').filter((line) => line.startsWith(`${name}{`));
    for (const [, label] of matchers.matchAll(/(\w+)[=!]/g))
      if (series.length > 0 && !series[0]!.includes(`${label}="`)) return `${name} has no label ${label}`;
    return undefined;
  }
}

function settingNames(): Set<string> {
  const settings = [...envExample(configSlices).matchAll(/^#?\s*([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);
  return new Set([...settings, ...errorCatalogue().map(([code]) => code)]);
}
