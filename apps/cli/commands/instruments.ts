import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { DryRuns, MasterMapping, ImportResult, ImportRow } from '#instruments';
import { limit, subcommands, uuid } from '../command-options.js';
import { CliError } from '../cli-error.js';
import { run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { ImportProgress } from '../import-progress.js';
import { type CommonOptions, printJson, table } from '../output.js';

interface ImportOptions extends CommonOptions {
  broker: string;
  force?: boolean;
  partial?: boolean;
  dryRun?: boolean;
  mapping?: string;
}

export function instrumentsCommand(): Command {
  const instruments = new Command('instruments');
  const add = subcommands(
    instruments,
    '0 done, 1 refused or failed (nothing was changed), 2 migrations pending, 78 wrong settings',
  );

  add(
    'import <file>',
    "Import a broker's instrument master: CSV or JSON, plain, gzip or ZIP; a file, an http(s) URL, or - for standard input",
    '  deskwire instruments import kite.csv.gz --broker zerodha\n  deskwire instruments import https://api.kite.trade/instruments --broker zerodha --json\n  zcat complete.csv.gz | deskwire instruments import - --broker upstox\n  deskwire instruments import acme.json --broker acme --mapping acme.mapping.json\n  deskwire instruments import SecurityMaster.zip --broker icici --mapping icici_fonse',
  )
    .requiredOption('--broker <name>', 'broker of the master, e.g. zerodha or upstox; namespace of its keys', broker)
    .option('--force', 'import in spite of the guards of delistings, quarantined rows, dates, units and keys')
    .option('--partial', 'the file is a part of a master: insert and update, and delist nothing')
    .option('--dry-run', 'show what the import would do, and store nothing')
    .option('--mapping <file|name>', 'mapping file of a master that is not built in, or the name of a built-in format')
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
        const imports = await context.get(ImportsService, { strict: false }).list({
          brokers: options.broker === undefined ? undefined : [options.broker],
          sort: '-createdAt',
          limit: options.limit,
        });
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
    'formats',
    'List the built-in formats of instrument masters. A file of one of them needs no mapping',
    '  deskwire instruments formats\n  deskwire instruments formats --json | jq ".[] | select(.name == \\"angel\\").mapping"\n  deskwire instruments formats --schema > instrument-mapping.json',
  )
    .option('--schema', 'print the JSON Schema of a mapping file instead')
    .action((options: CommonOptions & { schema?: boolean }) => run(options, () => printFormats(options)));

  add(
    'rollback',
    "Restore a broker's instruments to their state right after that import. A rollback is an import too, so it can be undone",
    '  deskwire instruments rollback 0198f3c2-7d41-7a55-9d0e-3f1f6a8b2c11',
  )
    .argument('<id>', 'the import', uuid('an import id as `deskwire instruments list` shows it'))
    .action((id: string, options: CommonOptions) =>
      act(options, 'instruments rollback', async (context) => {
        const { ImportsService } = await import('#instruments');
        report(options, await context.get(ImportsService, { strict: false }).rollbackTo(id), `Rolled back to ${id}`);
      }),
    );
  return instruments;
}

async function importMaster(source: string, options: ImportOptions): Promise<void> {
  const mapping = options.mapping === undefined ? undefined : await readMapping(options.mapping);
  const size = sizeOf(source);
  await inContext('instruments import', async (context) => {
    const { DryRuns: Trials, InstrumentImporter, openMaster } = await import('#instruments');
    const { broker, force = false, partial = false } = options;
    const chosen = { broker, force, partial, ...(mapping ? { mapping } : {}) };
    if (options.dryRun)
      return reportDryRun(options, await context.get(Trials, { strict: false }).run(await openMaster(source), chosen));
    const progress = new ImportProgress(size, options.json === true && !process.stderr.isTTY);
    try {
      const result = await context.get(InstrumentImporter, { strict: false }).import(await openMaster(source), {
        ...chosen,
        source: nameOf(source),
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

/** What `tried` of a built-in format means. */
const TRIED = { real: 'a real file', case: 'a made file of its shape', no: 'not tried on a real file' };

async function printFormats(options: { json?: boolean; schema?: boolean }): Promise<void> {
  const { builtInMasters, masterMappingSchema } = await import('#instruments');
  if (options.schema) {
    const { z } = await import('zod');
    return printJson(z.toJSONSchema(masterMappingSchema, { io: 'input' }));
  }
  const formats = builtInMasters();
  if (options.json)
    return printJson(formats.map(({ mapping, ...format }) => ({ name: mapping.name, ...format, mapping })));
  const rows = formats.map(({ mapping, brokers, title, tried }) => [mapping.name, brokers[0]!, title, TRIED[tried]]);
  console.log(table(['FORMAT', 'BROKER', 'FILE', 'TRIED ON'], rows));
}

/** Prints the first quarantined rows with line and reason. */
async function tellIssues(context: INestApplicationContext, { importId, quarantined }: ImportResult): Promise<void> {
  const { ImportsService } = await import('#instruments');
  const issues = await context.get(ImportsService, { strict: false }).issues(importId, 100);
  const shown = issues.filter(({ severity }) => severity === 'quarantined').slice(0, 5);
  for (const { line, reason } of shown) process.stderr.write(`  line ${line}: ${reason}\n`);
  if (quarantined > shown.length)
    process.stderr.write(`  .. ${quarantined - shown.length} more: GET /v1/instruments/imports/${importId}\n`);
}

function report(options: CommonOptions, result: ImportResult, what: string): void {
  if (options.json) return printJson(result);
  const { importId, inserted, updated, unchanged, relisted, durationMs } = result;
  const rows = inserted + updated + unchanged + relisted;
  const rate = Math.round(rows / Math.max(durationMs / 1_000, 0.001)).toLocaleString('en');
  console.log(`${what} in ${(durationMs / 1_000).toFixed(2)} s (${rate} rows/s); import ${importId}`);
  console.log(countTable(result));
}

/** @throws CliError if the import would be refused */
function reportDryRun(options: CommonOptions, result: Awaited<ReturnType<DryRuns['run']>>): void {
  if (options.json) printJson(result);
  else {
    const rows = result.rows.map((row) =>
      [
        row.line,
        row.action,
        row.key,
        row.exchange,
        row.tradingsymbol,
        row.expiry,
        row.strike,
        row.tickSize,
        row.lotSize,
      ].map((cell) => String(cell ?? '')),
    );
    console.log(`Read by ${result.master}; nothing was stored\n${countTable(result)}`);
    console.log(table(['LINE', 'ACTION', 'KEY', 'EXCHANGE', 'SYMBOL', 'EXPIRY', 'STRIKE', 'TICK', 'LOT'], rows));
  }
  for (const { line, reason } of result.issues.slice(0, 5)) process.stderr.write(`  line ${line}: ${reason}\n`);
  if (result.refusal) throw new CliError(`${result.refusal.detail} (${result.refusal.code})`, ExitCode.failure);
}

function countTable(counts: Omit<ImportResult, 'importId' | 'durationMs'>): string {
  const { inserted, updated, unchanged, relisted, delisted, quarantined, filtered, warnings } = counts;
  return table(
    ['INSERTED', 'UPDATED', 'UNCHANGED', 'RELISTED', 'DELISTED', 'QUARANTINED', 'FILTERED', 'WARNINGS'],
    [[inserted, updated, unchanged, relisted, delisted, quarantined, filtered, warnings].map(String)],
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
  const modules = async () => {
    const { AuthModule } = await import('#auth');
    const { InstrumentsModule } = await import('#instruments');
    return [AuthModule, InstrumentsModule];
  };
  return withContext(command, modules, work);
}

async function readMapping(path: string): Promise<MasterMapping> {
  const { builtInMasters, masterMappingSchema } = await import('#instruments');
  const builtIn = builtInMasters().find(({ mapping }) => mapping.name === path);
  if (builtIn !== undefined && !existsSync(path)) return builtIn.mapping;
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
