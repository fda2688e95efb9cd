import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { BackupMethod, BackupReport, Backups } from '#maintenance';
import { run, withDatabase } from '../command-run.js';
import { type CommonOptions, count, printJson } from '../output.js';

const METHODS: BackupMethod[] = ['auto', 'copy', 'pg_dump'];

export function backupCommand(): Command {
  return new Command('backup')
    .argument('<folder>', 'a new folder')
    .addOption(
      new Option('--method <method>', 'auto: pg_dump if its major version is the server’s, else COPY')
        .choices(METHODS)
        .default('auto'),
    )
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire backup /backups/2026-01-05\n  deskwire backup --method copy /backups/2026-01-05 --json | jq .rows\n' +
        '\nThe desk may run meanwhile. Keep the keys (JWT_SECRET_KEY, SESSIONS_ENCRYPTION_KEY, WEBHOOK_ENCRYPTION_KEY) apart from the folder.\n' +
        '\nExit codes: 0 done, 1 failure (the folder has no manifest.json), 64 wrong usage, 78 wrong settings',
    )
    .action((folder: string, options: CommonOptions & { method: BackupMethod }) =>
      act('backup', options, async (backups) => {
        const report = await backups.create(resolve(folder), options.method);
        return { report, words: `Backed up ${amounts(report)} to ${report.folder}, by ${by(report)}.` };
      }),
    );
}

export function restoreCommand(): Command {
  return new Command('restore')
    .argument('<folder>', 'a folder that `deskwire backup` has written')
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire restore /backups/2026-01-05\n' +
        '\nDATABASE_URL must name a database without tables. Start no process of the desk on it before the restore has ended.\n' +
        '\nExit codes: 0 done, 1 nothing was restored, 64 wrong usage, 78 wrong settings',
    )
    .action((folder: string, options: CommonOptions) =>
      act('restore', options, async (backups) => {
        const report = await backups.restore(resolve(folder));
        return { report, words: `Restored ${amounts(report)}, ${report.reason}.` };
      }),
    );
}

function act(
  command: string,
  options: CommonOptions,
  work: (backups: Backups) => Promise<{ report: BackupReport; words: string }>,
): Promise<void> {
  return run(options, () =>
    withDatabase(command, async ({ values }) => {
      const { migratorOf, sourcesOf } = await import('../desk-context.js');
      const { Backups: Service } = await import('#maintenance');
      const { report, words } = await work(new Service(sourcesOf(values), migratorOf(values)));
      if (options.json) printJson(report);
      else console.log(words);
    }),
  );
}

function amounts({ rows, tables }: BackupReport): string {
  return `${count(rows, 'row')} of ${count(tables, 'table')}`;
}

function by({ kind, reason }: BackupReport): string {
  return `${kind === 'copy' ? 'COPY' : 'pg_dump'} (${reason})`;
}
