import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import type { ClusterClient } from '#replication';
import { subcommands } from '../command-options.js';
import { type CommandDatabase, run, withDatabase } from '../command-run.js';
import { type CommonOptions, printJson, table } from '../output.js';
import { recordAct, recordDone } from '../security-act.js';
import { exportKeyOf, readExport } from './secrets-file.js';

/** Subject of the records: what replication withholds, as a whole. */
const SUBJECT = { kind: 'secrets', id: null };

interface TransferOptions extends CommonOptions {
  sealed: string;
}

/** Adds `export` and `import` to the command `secrets`. */
export function addTransferCommands(secrets: Command): void {
  const command = subcommands(
    secrets,
    '0 done, 1 refused or failed, 2 migrations pending, 64 wrong usage, 78 wrong settings',
  );
  const add = (...text: Parameters<typeof command>) =>
    command(...text).requiredOption('--sealed <file>', 'the export, encrypted with REPLICATION_EXPORT_KEY');
  add(
    'export',
    'Write everything that replication withholds into one encrypted file: password hashes, API keys, broker tokens, webhook secrets, paths and headers',
    '  deskwire secrets export --sealed /safe/deskwire.sealed',
  ).action((options: TransferOptions) => run(options, () => exportAll(options)));
  add(
    'import',
    'Load an export into a promoted desk. Rows that have changed since the export stay as they are',
    '  deskwire secrets import --sealed /safe/deskwire.sealed',
  ).action((options: TransferOptions) => run(options, () => importAll(options)));
}

async function exportAll(options: TransferOptions): Promise<void> {
  await onDatabase('secrets export', async (cluster, key, { values, embedded }) => {
    const { exportSecrets } = await import('#replication');
    // Before the file exists: no secret leaves the desk without a record, unless the desk cannot write.
    if (!(await recordAct(values, embedded, { action: 'secrets_exported', subject: SUBJECT })))
      process.stderr.write('Not in the audit trail: the database refuses writes.\n');
    const partial = `${options.sealed}.partial`;
    const file = openSync(partial, 'w', 0o600);
    try {
      const rows = await exportSecrets(cluster, key, (line) => writeSync(file, `${line}\n`));
      fsyncSync(file);
      closeSync(file);
      renameSync(partial, options.sealed);
      if (options.json) printJson({ file: options.sealed, rows });
      else
        console.log(
          `${table(
            ['WITHHELD FROM', 'ROWS'],
            Object.entries(rows).map(([name, n]) => [name, String(n)]),
          )}\nWritten to ${options.sealed}. Keep it apart from the database and from its key.`,
        );
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
  });
}

async function importAll(options: TransferOptions): Promise<void> {
  await onDatabase('secrets import', async (cluster, key, { values }) => {
    const { importSecrets } = await import('#replication');
    const tables = await importSecrets(cluster, await readExport(options.sealed, key));
    const loaded = Object.fromEntries(tables.map((one) => [one.table, one.loaded]));
    await recordDone(values, { action: 'secrets_imported', subject: SUBJECT, after: { loaded } });
    if (options.json) printJson(tables);
    else
      console.log(
        table(
          ['WITHHELD FROM', 'EXPORTED', 'LOADED'],
          tables.map(({ table: name, exported, loaded }) => [name, String(exported), String(loaded)]),
        ),
      );
  });
}

async function onDatabase(
  command: string,
  work: (cluster: ClusterClient, key: string, database: CommandDatabase) => Promise<void>,
): Promise<void> {
  await withDatabase(command, async (database) => {
    const { values } = database;
    const key = exportKeyOf(values);
    const { ClusterClient } = await import('#replication');
    const cluster = await ClusterClient.open(values['DATABASE_URL']!);
    try {
      await work(cluster, key, database);
    } finally {
      await cluster.close();
    }
  });
}
