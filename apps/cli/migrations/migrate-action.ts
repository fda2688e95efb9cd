import type { Command } from 'commander';
import type { Migrator } from '#database';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson } from '../output.js';

/** Exit codes of every command of `deskwire migrate`, for its help. */
export const MIGRATE_CODES =
  '\nExit codes: 0 done, 1 failure, 2 pending, 3 drift, edited or another plan, 4 lock timeout, 78 wrong settings';

export interface MigrateOptions extends CommonOptions {
  /** ms */
  lockTimeout?: number;
}

/** Adds a command with the options and the help that all have. */
export function addMigrateCommand(migrate: Command, usage: string, description: string, examples: string): Command {
  return migrate
    .command(usage)
    .description(description)
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText('after', `\nExamples:\n${examples}\n${MIGRATE_CODES}`);
}

/** Runs work on the database of the settings. A history that the code does not know is drift. */
export function migrateAction(
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

/** Prints a value as JSON, or as words for people. */
export function say(options: CommonOptions, value: unknown, words: string): void {
  if (options.json) printJson(value);
  else console.log(words);
}
