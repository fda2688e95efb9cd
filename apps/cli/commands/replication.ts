import { Command } from 'commander';
import type { ClusterClient, PromotionResult, ReplicationView } from '#replication';
import { subcommands } from '../command-options.js';
import { CliError } from '../cli-error.js';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson, table } from '../output.js';
import { recordDone } from '../security-act.js';
import { exportKeyOf, readExport } from './secrets-file.js';

const EXIT_CODES = '0 done, 1 refused or failed (status: behind, down or blocked), 64 wrong usage, 78 wrong settings';
/** Maximum wait for a cluster that may be down, in ms. */
const ANSWER_MS = 5_000;
const CATCH_UP_MS = 60_000;
/** Lag from which `status` fails, as ReplicationLagHigh does. */
const LAG_SECONDS = 30;

interface SecondaryOptions extends CommonOptions {
  secondary?: string;
}

interface PromoteOptions extends SecondaryOptions {
  primaryLost?: boolean;
  secrets: string | false;
}

/** Both ends of the replication, by URL. */
interface Ends {
  primaryUrl: string;
  secondaryUrl: string;
  values: Record<string, string | undefined>;
}

export function replicationCommand(): Command {
  const replication = new Command('replication').addHelpText('after', `\nExit codes: ${EXIT_CODES}`);
  const command = subcommands(replication, EXIT_CODES);
  const add = (...text: Parameters<typeof command>) =>
    command(...text).option(
      '--secondary <url>',
      'PostgreSQL of the secondary region (default: REPLICATION_SECONDARY_URL)',
    );

  add(
    'setup',
    'Create publication and slot on the primary (DATABASE_URL) and the subscription on the secondary. Again after an upgrade: publish new tables and columns',
    '  deskwire replication setup\n  deskwire replication setup --primary-url postgres://replicator:..@10.0.0.5/deskwire',
  )
    .option('--primary-url <url>', 'the primary as the secondary reaches it (default: DATABASE_URL)')
    .option('--replace-slot', 'remove the slot of an earlier secondary that is lost')
    .action((options: SecondaryOptions & { primaryUrl?: string; replaceSlot?: boolean }) =>
      act(options, 'replication setup', async ({ primaryUrl, secondaryUrl }) => {
        const { setUpReplication } = await import('#replication');
        const result = await withBoth(primaryUrl, secondaryUrl, (primary, secondary) =>
          setUpReplication(primary, secondary, options.primaryUrl ?? primaryUrl, options.replaceSlot === true),
        );
        if (options.json) printJson({ result });
        else
          console.log(
            result === 'created'
              ? 'The secondary copies all published rows now, and then follows. `deskwire replication status` shows how far it is.'
              : 'Publication and subscription have the tables and columns of this version.',
          );
      }),
    );
  add(
    'status',
    'Show slots, lag, subscription and conflicts. Exit 1 if the secondary is behind, down or blocked',
    '  deskwire replication status\n  deskwire replication status --json | jq ".slots[0].lagSeconds"',
  ).action((options: SecondaryOptions) =>
    act(options, 'replication status', async (ends) => {
      const view = await viewOf(ends);
      if (options.json) printJson(view);
      else console.log(statusText(view));
      return isWell(view) ? ExitCode.done : ExitCode.failure;
    }),
  );
  add(
    'conflicts',
    'Show the conflicts that PostgreSQL has counted. With --skip: leave out the transaction that the secondary cannot apply',
    '  deskwire replication conflicts\n  deskwire replication conflicts --skip',
  )
    .option('--skip', 'leave out the blocked transaction. It is lost on the secondary; correcting the row is better')
    .action((options: SecondaryOptions & { skip?: boolean }) =>
      act(options, 'replication conflicts', async (ends) => {
        if (options.skip) return skip(ends, options);
        const { secondary } = await viewOf(ends);
        const subscription = secondary?.subscription;
        if (!subscription)
          throw new CliError('The secondary does not answer, or has no subscription.', ExitCode.failure);
        const { conflicts, applyErrors, copyErrors } = subscription;
        if (options.json) printJson({ conflicts, applyErrors, copyErrors });
        else console.log(conflictText(conflicts, applyErrors, copyErrors));
        return undefined;
      }),
    );
  add(
    'promote',
    'Make the secondary a desk of its own. The primary becomes read-only first, and the secondary applies all its writes',
    '  deskwire replication promote --secrets export.sealed\n  deskwire replication promote --primary-lost --secrets export.sealed --secondary postgres://..',
  )
    .option('--secrets <file>', 'sealed export to load (deskwire secrets export)')
    .option('--no-secrets', 'go without: nobody can sign in until an admin has a new password, and webhooks are paused')
    .option(
      '--primary-lost',
      'the primary does not answer and must never run again. Writes that had not arrived are lost',
    )
    .action((options: PromoteOptions) =>
      act(options, 'replication promote', async (ends) => {
        const done = await promote(ends, options);
        await recordDone(
          { ...ends.values, DATABASE_URL: ends.secondaryUrl },
          {
            action: 'region_promoted',
            subject: { kind: 'region', id: null },
            after: { primaryLost: options.primaryLost === true, lastBeatAt: done.lastBeatAt, paused: done.paused },
          },
        );
        if (options.json) printJson(done);
        else console.log(promotionText(done));
      }),
    );
  return replication;
}

function act(
  options: SecondaryOptions,
  command: string,
  work: (ends: Ends) => Promise<ExitCode | void>,
): Promise<void> {
  return run(options, () =>
    withDatabase(command, async ({ values }) => {
      const secondaryUrl = options.secondary ?? values['REPLICATION_SECONDARY_URL'];
      if (!secondaryUrl)
        throw new CliError(
          'Name the secondary: --secondary postgres://.., or set REPLICATION_SECONDARY_URL.',
          ExitCode.usage,
        );
      return work({ primaryUrl: values['DATABASE_URL']!, secondaryUrl, values });
    }),
  );
}

async function withBoth<T>(
  primaryUrl: string,
  secondaryUrl: string,
  work: (primary: ClusterClient, secondary: ClusterClient) => Promise<T>,
): Promise<T> {
  const { ClusterClient } = await import('#replication');
  const primary = await ClusterClient.open(primaryUrl);
  try {
    const secondary = await ClusterClient.open(secondaryUrl);
    try {
      return await work(primary, secondary);
    } finally {
      await secondary.close();
    }
  } finally {
    await primary.close();
  }
}

async function viewOf({ primaryUrl, secondaryUrl }: Ends): Promise<ReplicationView> {
  const { ClusterClient, readReplication } = await import('#replication');
  const primary = await ClusterClient.open(primaryUrl);
  try {
    return await readReplication(primary, secondaryUrl, ANSWER_MS);
  } finally {
    await primary.close();
  }
}

async function skip({ primaryUrl, secondaryUrl }: Ends, options: CommonOptions): Promise<ExitCode> {
  const { skipBlocked } = await import('#replication');
  const skipped = await withBoth(primaryUrl, secondaryUrl, (primary, secondary) => skipBlocked(primary, secondary));
  if (options.json) printJson({ skipped: skipped ?? null });
  else if (skipped === undefined) console.log('No transaction waits. Nothing was skipped.');
  else {
    const changes = Object.entries(skipped.tables).map(([name, n]) => `${n} in ${name}`);
    console.log(
      `Skipped the transaction that ends at ${skipped.lsn} (committed ${skipped.committedAt.toISOString()}; changes: ${changes.join(', ')}).\nCorrect these rows on the secondary if they matter there.`,
    );
  }
  return ExitCode.done;
}

async function promote({ primaryUrl, secondaryUrl, values }: Ends, options: PromoteOptions): Promise<PromotionResult> {
  if (options.secrets === undefined || (options.secrets as unknown) === true)
    throw new CliError('Name the sealed export: --secrets FILE, or --no-secrets to go without.', ExitCode.usage);
  const { ClusterClient, promoteSecondary } = await import('#replication');
  // Read before anything changes: a wrong key or a damaged file must not stop a promotion half-way.
  const secrets = options.secrets === false ? null : await readExport(options.secrets, exportKeyOf(values));
  const primary = options.primaryLost ? null : await openPrimary(primaryUrl);
  try {
    const secondary = await ClusterClient.open(secondaryUrl);
    try {
      return await promoteSecondary(secondary, { primary, secrets, catchUpMs: CATCH_UP_MS });
    } finally {
      await secondary.close();
    }
  } finally {
    await primary?.close();
  }
}

async function openPrimary(url: string): Promise<ClusterClient> {
  const { ClusterClient } = await import('#replication');
  return ClusterClient.open(url).catch((error: Error) => {
    throw new CliError(
      `The primary does not answer (${error.message}). If it is lost and cannot come back by itself, use --primary-lost. Nothing was changed.`,
      ExitCode.failure,
    );
  });
}

function isWell({ slots, secondary }: ReplicationView): boolean {
  const subscription = secondary?.subscription;
  return (
    slots.length > 0 &&
    slots.every(({ active, lagSeconds }) => active && lagSeconds <= LAG_SECONDS) &&
    subscription?.enabled === true &&
    subscription.tablesPending === 0
  );
}

function statusText({ slots, secondary }: ReplicationView): string {
  const bytes = (value: number | null) => (value === null ? 'lost' : value.toLocaleString('en'));
  const head = table(
    ['SLOT', 'ACTIVE', 'LAG BYTES', 'LAG SECONDS', 'RETAINED BYTES'],
    slots.map((one) => [
      one.slot,
      one.active ? 'yes' : `no, since ${one.inactiveSince?.toISOString() ?? 'the start'}`,
      bytes(one.lagBytes),
      one.lagSeconds.toFixed(1),
      bytes(one.retainedBytes),
    ]),
  );
  const subscription = secondary?.subscription;
  if (!secondary?.reachable) return `${head}\n\nThe secondary does not answer.`;
  if (!subscription) return `${head}\n\nThe secondary has no subscription.`;
  const { enabled, applying, tablesPending, applyErrors, conflicts, lastBeatAt } = subscription;
  const sum = Object.values(conflicts).reduce((all, n) => all + n, 0);
  return `${head}\n\nSubscription: ${enabled ? 'enabled' : 'disabled'}, ${applying ? 'applying' : 'not applying'}; tables still copied: ${tablesPending}; errors: ${applyErrors}; conflicts: ${sum}; last heartbeat: ${lastBeatAt?.toISOString() ?? 'none'}`;
}

function conflictText(conflicts: Record<string, number>, applyErrors: number, copyErrors: number): string {
  const rows = Object.entries(conflicts).map(([kind, n]) => [kind, String(n)]);
  return table(
    ['CONFLICT', 'COUNT'],
    [...rows, ['(failures to apply)', String(applyErrors)], ['(failures to copy)', String(copyErrors)]],
  );
}

function promotionText({ lastBeatAt, sequences, secrets, paused }: PromotionResult): string {
  const rows = secrets.map(({ table: name, exported, loaded }) => [name, String(exported), String(loaded)]);
  return [
    `Promoted. The last heartbeat of the primary was ${lastBeatAt?.toISOString() ?? 'none'}. Sequences set: ${sequences}.`,
    secrets.length === 0 ? 'No secrets were loaded.' : table(['WITHHELD FROM', 'EXPORTED', 'LOADED'], rows),
    paused.length === 0
      ? 'No webhook lacks its secret.'
      : `Paused, because their URL or secret is missing: ${paused.join(', ')}`,
    'Now start the desk with DATABASE_URL of this database.',
  ].join('\n');
}
