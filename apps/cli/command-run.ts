import type { INestApplicationContext } from '@nestjs/common';
import type { Environment } from '#config';
import type { DeskEnvironment } from './environment.js';
import type { CommonOptions } from './output.js';
import { ExitCode } from './exit-code.js';

/** The database and environment of a command. */
export interface CommandDatabase {
  environment: DeskEnvironment;
  /** The environment with DATABASE_URL, also for the embedded database. */
  values: Environment;
  embedded: boolean;
}

/** Runs a command's work and sets the exit code. Errors go to stderr, as JSON with `--json`. */
export async function run(options: CommonOptions, work: () => Promise<ExitCode | void>): Promise<void> {
  try {
    process.exitCode = (await work()) ?? ExitCode.done;
  } catch (error) {
    const { describeFailure } = await import('./report-error.js');
    const { exitCode, text, json } = describeFailure(error);
    if (options.json) process.stderr.write(`${JSON.stringify({ error: json })}\n`);
    else process.stderr.write(`${text}\n`);
    if (options.verbose) process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = exitCode;
  }
}

/** Runs `work` with a database: the configured one, that of the running server, or the embedded one, started for this command. */
export async function withDatabase<T>(command: string, work: (database: CommandDatabase) => Promise<T>): Promise<T> {
  const { configSlices } = await import('../api/config-slices.js');
  const { checkedTree, readEnvironment } = await import('./environment.js');
  const environment = readEnvironment(configSlices);
  checkedTree(configSlices, environment);
  const { openForCommand } = await import('./desk-database.js');
  const database = await openForCommand(environment, command);
  for (const note of database.notes) process.stderr.write(`${note}\n`);
  const interrupted = (signal: NodeJS.Signals) => {
    process.exitCode = signal === 'SIGINT' ? 130 : 143;
    // Open transactions end with their connections: an import killed here leaves no trace.
    void database.close().finally(() => process.exit());
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await work({
      environment,
      values: { ...environment.values, DATABASE_URL: database.url },
      embedded: database.embedded,
    });
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await database.close();
  }
}

/**
 * Runs `work` in a context of modules on the database of a command.
 * @param modules imports them, so that a command loads nothing it does not use
 */
export function withContext<T>(
  command: string,
  modules: () => Promise<readonly unknown[]>,
  work: (context: INestApplicationContext, database: CommandDatabase) => Promise<T>,
): Promise<T> {
  return withDatabase(command, async (database) => {
    const { openContext } = await import('./desk-context.js');
    const context = await openContext(database.values, await modules(), database.embedded);
    try {
      return await work(context, database);
    } finally {
      await context.close();
    }
  });
}
