import { Command, InvalidArgumentError } from 'commander';
import type { Migrator } from '#database';
import type { ReplicationView } from '#replication';
import { run, withDatabase } from '../command-run.js';
import type { DeskEnvironment } from '../environment.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson, table } from '../output.js';
import type { CheckResult } from '../verify/desk-checks.js';

interface VerifyOptions extends CommonOptions {
  url?: string;
  /** ms */
  watch: number;
}

/** Maximum time for the connection to each cluster, and for its answers, in ms. */
const REPLICATION_TIMEOUT_MS = 10_000;

const MARKS = { pass: 'ok', warn: 'WARN', fail: 'FAIL', absent: '-' } as const;

export function verifyCommand(): Command {
  return new Command('verify')
    .option('--url <url>', 'the process to ask (default: that of HOST and PORT)', httpUrl)
    .option(
      '--watch <duration>',
      'also judge its requests of this time: share of errors and 99th percentile',
      duration,
      0,
    )
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire verify\n  deskwire verify --url http://10.0.0.7:3000 --watch 60s\n  deskwire verify --json | jq -r ".checks[] | select(.status == \\"fail\\").check"\n' +
        '\nprometheus/runbook.md explains each finding, docs/rollback.md what to do.\n' +
        '\nExit codes: 0 all checks passed, 1 a check failed, 5 passed with warnings, 64 wrong usage, 78 wrong settings',
    )
    .action((options: VerifyOptions) => run(options, () => verify(options)));
}

async function verify(options: VerifyOptions): Promise<ExitCode> {
  return withDatabase('verify', async ({ environment, values }) => {
    const { migratorOf, sourcesOf } = await import('../desk-context.js');
    const { telemetryConfig } = await import('#telemetry/config');
    const { ServerStateRepository } = await import('#maintenance');
    const { ProcessProbe } = await import('../verify/process-probe.js');
    const { verifyDesk, worstOf } = await import('../verify/verification.js');
    const migrator = migratorOf(values);
    const url = options.url ?? (await addressOf(environment));
    const probe = new ProcessProbe(url, telemetryConfig.read(values).metricsToken?.reveal());
    const server = new ServerStateRepository(sourcesOf(values));
    const schema = async () => ({ states: await migrator.status(), drift: await driftOf(migrator) });
    const replication = () => replicationOf(values['DATABASE_URL']!, values['REPLICATION_SECONDARY_URL']);
    const checks = await verifyDesk({ probe, server: () => server.read(), schema, replication }, options.watch);
    const status = worstOf(checks);
    if (options.json) printJson({ status, url, checks });
    else console.log(report(checks));
    return { pass: ExitCode.done, absent: ExitCode.done, warn: ExitCode.attention, fail: ExitCode.failure }[status];
  });
}

/** @returns null where the database refuses the schema that the comparison makes and rolls back */
async function driftOf(migrator: Migrator): Promise<string[] | null> {
  try {
    const { statements, differences } = await migrator.check();
    return [...differences.map(({ object }) => object), ...statements];
  } catch (error) {
    const { cause } = error as Error & { cause?: { code?: string } };
    if (cause?.code === '25006' || cause?.code === '42501') return null;
    throw error;
  }
}

async function replicationOf(url: string, secondaryUrl: string | undefined): Promise<ReplicationView> {
  const { ClusterClient, readReplication } = await import('#replication');
  const primary = await ClusterClient.open(url, REPLICATION_TIMEOUT_MS);
  try {
    return await readReplication(primary, secondaryUrl, REPLICATION_TIMEOUT_MS);
  } finally {
    await primary.close();
  }
}

function report(checks: readonly CheckResult[]): string {
  const rows = checks.map(({ check, status, detail }) => [check, MARKS[status], detail]);
  const hints = checks
    .filter(({ status }) => status === 'warn' || status === 'fail')
    .map(({ check, runbook }) => `${check}: prometheus/runbook.md#${runbook.toLowerCase()}`);
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const end =
    failed > 0
      ? `${count(failed, 'check')} failed.`
      : hints.length > 0
        ? 'No check failed. See the warnings.'
        : 'All checks passed.';
  return [table(['CHECK', 'RESULT', 'DETAIL'], rows), '', ...hints, end].join('\n');
}

/** The server that runs in this home, or the one of HOST and PORT. */
async function addressOf(environment: DeskEnvironment): Promise<string> {
  const { HomeLock } = await import('../home/home-lock.js');
  const running = environment.embedded ? new HomeLock(environment.home).holder()?.url : undefined;
  if (running !== undefined) return running;
  const { apiConfig } = await import('../../api/api.config.js');
  const { host, port } = apiConfig.read(environment.values);
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}

function httpUrl(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('Must be an address such as http://127.0.0.1:3000.');
  return text;
}

/** @returns milliseconds */
function duration(text: string): number {
  const [, count, unit] = /^(\d{1,5})(ms|s|m)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Must be a duration such as 30s or 2m.');
  return Number(count) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}
