import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { MasterMapping, ImportResult, ImportRow } from '#instruments';
import { CliError } from '../cli-error.js';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { ImportProgress } from '../import-progress.js';
import { type CommonOptions, printJson, table } from '../output.js';

interface ImportOptions extends CommonOptions {
  broker: string;
  force?: boolean;
  mapping?: string;
}

export function instrumentsCommand(): Command {
  const instruments = new Command('instruments');
  const add = (name: string, description: string, examples: string) =>
    instruments
      .command(name)
      .description(description)
      .option('--json', 'machine-readable')
      .option('--verbose', 'stack traces of failures')
      .addHelpText(
        'after',
        `\nExamples:\n${examples}\n\nExit codes: 0 done, 1 refused or failed (nothing was changed), 2 migrations pending, 78 wrong settings`,
      );

  add(
    'import <file>',
    "Import a broker's instrument master: CSV or JSON array, plain or gzip; a file, an http(s) URL, or - for standard input",
    '  deskwire instruments import kite.csv.gz --broker zerodha\n  deskwire instruments import https://api.kite.trade/instruments --broker zerodha --json\n  zcat complete.csv.gz | deskwire instruments import - --broker upstox\n  deskwire instruments import angel.json --broker angel --mapping angel.mapping.json',
  )
    .requiredOption('--broker <name>', 'broker of the master, e.g. zerodha or upstox; namespace of its keys', broker)
    .option('--force', 'import even if it delists more than 20 % of the listed contracts')
    .option('--mapping <file>', 'mapping of a master that is not built in (JSON: columns, date formats, key)')
    .action((source: string, options: ImportOptions) => run(options, () => importMaster(source, options)));

  add(
    'list',
    'List the imports, newest first',
    '  deskwire instruments list --broker zerodha\n  deskwire instruments list --json | jq -r ".[0].id"',
  )
    .option('--broker <name>', 'only imports of this broker', broker)
    .option('--limit <n>', 'maximum number of rows', limit, 20)
    .action((options: CommonOptions & { broker?: string; limit: number }) =>
      act(options, 'instruments list', async (context) => {
        const { ImportsService } = await import('#instruments');
        const imports = await context
          .get(ImportsService, { strict: false })
          .list({ ...(options.broker === undefined ? {} : { broker: options.broker }), limit: options.limit });
        if (options.json) printJson(imports);
        else
          console.log(
            imports.length === 0
              ? 'No import yet: deskwire instruments import FILE --broker NAME'
              : importTable(imports),
          );
      }),
    );

  add(
    'rollback <id>',
    "Restore a broker's instruments to their state right after that import. A rollback is an import too, so it can be undone",
    '  deskwire instruments rollback 0198f3c2-7d41-7a55-9d0e-3f1f6a8b2c11',
  ).action((id: string, options: CommonOptions) =>
    act(options, 'instruments rollback', async (context) => {
      const { ImportsService } = await import('#instruments');
      report(
        options,
        await context.get(ImportsService, { strict: false }).rollbackTo(uuid(id)),
        `Rolled back to ${id}`,
      );
    }),
  );
  return instruments;
}

async function importMaster(source: string, options: ImportOptions): Promise<void> {
  const mapping = options.mapping === undefined ? undefined : await readMapping(options.mapping);
  const size = sizeOf(source);
  await inContext('instruments import', async (context) => {
    const { InstrumentImporter, openMaster } = await import('#instruments');
    const progress = new ImportProgress(size, options.json === true && !process.stderr.isTTY);
    try {
      const result = await context.get(InstrumentImporter, { strict: false }).import(await openMaster(source), {
        broker: options.broker,
        source: nameOf(source),
        force: options.force ?? false,
        ...(mapping ? { mapping } : {}),
        onProgress: (rows, bytes) => progress.update(rows, bytes),
      });
      progress.stop();
      report(options, result, `Imported ${nameOf(source)} of ${options.broker}`);
      if (result.quarantined > 0) await tellIssues(context, result);
    } finally {
      progress.stop();
    }
  });
}

/** Prints the first quarantined rows with line and reason. */
async function tellIssues(context: INestApplicationContext, { importId, quarantined }: ImportResult): Promise<void> {
  const { ImportsService } = await import('#instruments');
  const issues = await context.get(ImportsService, { strict: false }).issues(importId, 100);
  const shown = issues.filter(({ severity }) => severity === 'quarantined').slice(0, 5);
  for (const { line, reason } of shown) process.stderr.write(`  line ${line}: ${reason}\n`);
  if (quarantined > shown.length)
    process.stderr.write(`  .. ${quarantined - shown.length} more: GET /v1/instruments/imports/${importId}/issues\n`);
}

function report(options: CommonOptions, result: ImportResult, what: string): void {
  if (options.json) return printJson(result);
  const { importId, inserted, updated, unchanged, relisted, delisted, quarantined, warnings, durationMs } = result;
  const rows = inserted + updated + unchanged + relisted;
  const rate = Math.round(rows / Math.max(durationMs / 1_000, 0.001)).toLocaleString('en');
  console.log(`${what} in ${(durationMs / 1_000).toFixed(2)} s (${rate} rows/s); import ${importId}`);
  console.log(
    table(
      ['INSERTED', 'UPDATED', 'UNCHANGED', 'RELISTED', 'DELISTED', 'QUARANTINED', 'WARNINGS'],
      [[inserted, updated, unchanged, relisted, delisted, quarantined, warnings].map(String)],
    ),
  );
}

function act(
  options: CommonOptions,
  command: string,
  work: (context: INestApplicationContext) => Promise<void>,
): Promise<void> {
  return run(options, () => inContext(command, work));
}

function inContext(command: string, work: (context: INestApplicationContext) => Promise<void>): Promise<void> {
  return withDatabase(command, async ({ values, embedded }) => {
    const { openContext } = await import('../desk-context.js');
    const { AuthModule } = await import('#auth');
    const { InstrumentsModule } = await import('#instruments');
    const context = await openContext(values, [AuthModule, InstrumentsModule], embedded);
    try {
      await work(context);
    } finally {
      await context.close();
    }
  });
}

async function readMapping(path: string): Promise<MasterMapping> {
  const { masterMappingSchema } = await import('#instruments');
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CliError(`The mapping ${path} cannot be read: ${(error as Error).message}`, ExitCode.usage);
  }
  const result = masterMappingSchema.safeParse(content);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new CliError(`The mapping ${path} is wrong:\n${issues.join('\n')}`, ExitCode.usage);
}

/** Checked before a database is opened for it. */
function sizeOf(source: string): number | undefined {
  if (source === '-' || isUrl(source)) return undefined;
  const found = statSync(source, { throwIfNoEntry: false });
  if (!found) throw new CliError(`There is no file ${source}.`, ExitCode.failure);
  if (found.isDirectory()) throw new CliError(`${source} is a folder; name the file of the master.`, ExitCode.failure);
  return found.size;
}

/** Without the parts of a URL that may be secret: user, password, query. */
function nameOf(source: string): string {
  if (source === '-') return 'standard input';
  if (!isUrl(source)) return basename(source);
  const { origin, pathname } = new URL(source);
  return `${origin}${pathname}`;
}

function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

function importTable(imports: readonly ImportRow[]): string {
  const head = [
    'IMPORT',
    'BROKER',
    'KIND',
    'WHEN',
    'INSERTED',
    'UPDATED',
    'UNCHANGED',
    'RELISTED',
    'DELISTED',
    'QUARANTINED',
    'LISTED',
    'SOURCE',
  ];
  return table(
    head,
    imports.map((row) => [
      row.id,
      row.broker,
      row.kind,
      row.createdAt,
      ...[row.inserted, row.updated, row.unchanged, row.relisted, row.delisted, row.quarantined, row.listed].map(
        String,
      ),
      row.source,
    ]),
  );
}

function broker(name: string): string {
  if (!/^[a-z][a-z0-9_-]{0,31}$/.test(name))
    throw new InvalidArgumentError('a-z, 0-9, _ or -, starting with a letter, at most 32, e.g. zerodha');
  return name;
}

function limit(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 500) throw new InvalidArgumentError('a whole number from 1 to 500');
  return n;
}

function uuid(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new CliError(`${id} is no import id; \`deskwire instruments list\` shows them.`, ExitCode.usage);
  return id;
}
