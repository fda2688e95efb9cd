import { Command } from 'commander';
import type { ReadOnlyModeRepository } from '#maintenance';
import { run, withDatabase } from '../command-run.js';
import { type CommonOptions, count, printJson } from '../output.js';

/** Time that running transactions have to end, in ms. */
const PATIENCE_MS = 10_000;

const REASONS = { setting: 'by `deskwire read-only on`', standby: 'because it is a standby' } as const;

export function readOnlyCommand(): Command {
  const readOnly = new Command('read-only');
  const add = (
    name: string,
    description: string,
    work: (mode: ReadOnlyModeRepository) => Promise<{ value: object; words: string }>,
  ) =>
    readOnly
      .command(name)
      .description(description)
      .option('--json', 'machine-readable')
      .option('--verbose', 'stack traces of failures')
      .addHelpText(
        'after',
        `\nExamples:\n  deskwire read-only ${name}\n\nExit codes: 0 done, 1 failure, 78 wrong settings\n` +
          '\nProcesses answer writes with 503 DATABASE_READ_ONLY and retry-after; reads, sockets and sign-ins of known tokens go on.',
      )
      .action((options: CommonOptions) =>
        run(options, () =>
          withDatabase(`read-only ${name}`, async ({ values }) => {
            const { sourcesOf } = await import('../desk-context.js');
            const { ReadOnlyModeRepository: Mode } = await import('#maintenance');
            const { value, words } = await work(new Mode(sourcesOf(values)));
            if (options.json) printJson(value);
            else console.log(words);
          }),
        ),
      );

  const change = (on: boolean) => async (mode: ReadOnlyModeRepository) => {
    const value = await mode.set(on, PATIENCE_MS);
    const sessions = `${count(value.ended, 'session')} renewed between transactions, ${value.interrupted} interrupted`;
    return {
      value,
      words: `${value.readOnly ? 'The database refuses writes' : 'The database accepts writes'} (${sessions}).`,
    };
  };
  add('on', 'Refuse writes. Running transactions have 10 s to end', change(true));
  add('off', 'Accept writes again. Processes resume within a second', change(false));
  add('status', 'Show whether the database refuses writes', async (mode) => {
    const value = await mode.state();
    const words = value.reason
      ? `The database refuses writes, ${REASONS[value.reason]}.`
      : 'The database accepts writes.';
    return { value, words };
  });
  return readOnly;
}
