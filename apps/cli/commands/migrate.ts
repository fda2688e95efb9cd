import { Command, InvalidArgumentError } from 'commander';
import type { Migrator } from '#database';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson, table } from '../output.js';

const CODES = '\nExit codes: 0 done, 1 failure, 2 pending, 3 drift or edited, 4 lock timeout, 78 wrong settings';

interface MigrateOptions extends CommonOptions {
  /** ms */
  lockTimeout?: number;
}

const LOCK_TIMEOUT = [
  '--lock-timeout <duration>',
  'maximum wait while another process migrates (default: 2m)',
  lockTimeout,
] as const;

export function migrateCommand(): Command {
  const migrate = new Command('migrate').addHelpText('after', CODES);
  const add = (name: string, description: string, examples: string) =>
    migrate
      .command(name)
      .description(description)
      .option('--json', 'machine-readable')
      .option('--verbose', 'stack traces of failures')
      .addHelpText('after', `\nExamples:\n${examples}\n${CODES}`);

  add(
    'up',
    'Apply every pending migration, one transaction each, under a lock',
    '  deskwire migrate up\n  deskwire migrate up --lock-timeout 10s',
  )
    .option(...LOCK_TIMEOUT)
    .action((options: MigrateOptions) =>
      act(options, 'migrate up', async (migrator) => {
        const applied = await migrator.up();
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
  add(
    'plan',
    'Print the SQL that `up` would run, without running it. Exit 2 if there is any',
    '  deskwire migrate plan\n  deskwire migrate plan > review.sql',
  ).action((options: CommonOptions) =>
    act(options, 'migrate plan', async (migrator) => {
      const planned = await migrator.plan();
      const sql = planned
        .map((one) => `-- ${one.name}\n${one.sql.map((statement) => `${statement};`).join('\n')}`)
        .join('\n\n');
      say(options, planned, planned.length === 0 ? '-- nothing is pending' : sql);
      return planned.length > 0 ? ExitCode.pending : ExitCode.done;
    }),
  );
  add(
    'check',
    'Compare the schema with the entities. Exit 3 and print the missing statements if they differ',
    '  deskwire migrate check',
  ).action((options: CommonOptions) =>
    act(options, 'migrate check', async (migrator) => {
      const pending = (await migrator.status()).filter(({ state }) => state === 'pending').map(({ name }) => name);
      if (pending.length > 0) {
        say(options, { pending }, `Pending: ${pending.join(', ')}. Run \`deskwire migrate up\` before comparing.`);
        return ExitCode.pending;
      }
      const statements = await migrator.check();
      say(
        options,
        { drift: statements },
        statements.length === 0
          ? 'The schema matches the entities.'
          : `The schema differs from the entities. These statements would align it. Write a migration, or correct the entity:\n${statements.map((one) => `  ${one};`).join('\n')}`,
      );
      return statements.length > 0 ? ExitCode.drift : ExitCode.done;
    }),
  );
  return migrate;
}

function act(
  options: MigrateOptions,
  command: string,
  work: (migrator: Migrator) => Promise<ExitCode | void>,
): Promise<void> {
  return run(options, () =>
    withDatabase(command, async ({ values }) => {
      const { migratorOf } = await import('../desk-context.js');
      try {
        return await work(migratorOf(values, options.lockTimeout));
      } catch (error) {
        const { name, message } = error as Error;
        if (name !== 'MigrationEditedError' && name !== 'SchemaNewerError') throw error;
        process.stderr.write(`${message}\n`);
        return ExitCode.drift;
      }
    }),
  );
}

function say(options: CommonOptions, value: unknown, words: string): void {
  if (options.json) printJson(value);
  else console.log(words);
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
