import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.js';
import { ExitCode } from '../exit-code.js';
import {
  addMigrateCommand,
  MIGRATE_CODES,
  migrateAction as act,
  type MigrateOptions,
  say,
} from '../migrations/migrate-action.js';
import type { MigrationSource } from '../migrations/lint-migrations.js';
import { planText } from '../migrations/migration-plan.js';
import { type CommonOptions, count, table } from '../output.js';
import { addReviewCommands } from './migrate-review.js';

const LOCK_TIMEOUT = [
  '--lock-timeout <duration>',
  'maximum wait while another process migrates (default: 2m)',
  lockTimeout,
] as const;

export function migrateCommand(): Command {
  const migrate = new Command('migrate').addHelpText('after', MIGRATE_CODES);
  const add = (name: string, description: string, examples: string) =>
    addMigrateCommand(migrate, name, description, examples);

  add(
    'up',
    'Apply every pending migration, one transaction each, under a lock',
    '  deskwire migrate up\n  deskwire migrate up --lock-timeout 10s\n  deskwire migrate up --plan plan.sql',
  )
    .option(
      '--plan <file>',
      'apply only what this file of `migrate plan --output` contains; exit 3 if it is another plan',
    )
    .option(...LOCK_TIMEOUT)
    .action((options: MigrateOptions & { plan?: string }) =>
      act(options, 'migrate up', async (migrator) => {
        const applied = await migrator.up(undefined, options.plan === undefined ? undefined : confirmed(options.plan));
        say(
          options,
          { applied },
          applied.length === 0
            ? 'Nothing was pending.'
            : `Applied ${count(applied.length, 'migration')}:\n${applied.map((name) => `  ${name}`).join('\n')}`,
        );
      }),
    );
  add('down', 'Undo the newest migrations', '  deskwire migrate down\n  deskwire migrate down --steps 2')
    .option('--steps <n>', 'number of migrations', positive, 1)
    .option(...LOCK_TIMEOUT)
    .action((options: MigrateOptions & { steps: number }) =>
      act(options, 'migrate down', async (migrator) => {
        const undone = await migrator.down(options.steps);
        say(
          options,
          { undone },
          undone.length === 0 ? 'Nothing was applied.' : `Undone:\n${undone.map((name) => `  ${name}`).join('\n')}`,
        );
      }),
    );
  add(
    'status',
    'List every migration. Exit 2 if one is pending, 3 if an applied one was edited or is unknown to this version',
    '  deskwire migrate status\n  deskwire migrate status --json | jq -r ".[].name"',
  ).action((options: CommonOptions) =>
    act(options, 'migrate status', async (migrator) => {
      const states = await migrator.status();
      say(
        options,
        states,
        table(
          ['MIGRATION', 'STATE', 'APPLIED'],
          states.map(({ name, state, appliedAt }) => [name, state, appliedAt ?? '']),
        ),
      );
      if (states.some(({ state }) => state === 'edited' || state === 'unknown')) return ExitCode.drift;
      return states.some(({ state }) => state === 'pending') ? ExitCode.pending : ExitCode.done;
    }),
  );
  addReviewCommands(migrate);
  return migrate;
}

/** Refuses pending migrations that differ from a reviewed plan, or a plan that was edited. */
function confirmed(file: string): (pending: readonly MigrationSource[]) => void {
  const reviewed = readPlan(file);
  return (pending) => {
    if (planText(pending) === reviewed) return;
    throw new CliError(
      `${file} is not the plan of this version for this database: pending are ${pending.map(({ name }) => name).join(', ') || 'no migrations'}.\n` +
        'Nothing was applied. Make a new plan with `deskwire migrate plan --output FILE` and review it.',
      ExitCode.drift,
    );
  };
}

function readPlan(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`The plan cannot be read: ${(error as Error).message}`, ExitCode.usage);
  }
}

/** @returns milliseconds */
function lockTimeout(text: string): number {
  const [, count, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Must be a duration such as 500ms, 30s or 2m.');
  return Number(count) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Must be a whole number of at least 1.');
  return Number(text);
}
