import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { TickerLoad } from '#filings';
import { CliError } from '../cli-error.js';
import { run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson, table } from '../output.js';

interface TickersOptions extends CommonOptions {
  force?: boolean;
}

const PROBLEMS_SHOWN = 5;

export function filingsCommand(): Command {
  const filings = new Command('filings');
  filings
    .command('tickers [source]')
    .description(
      "Load the tickers of filers from the SEC's file (company_tickers.json, company_tickers_exchange.json or ticker.txt, plain or gzip): a file, an http(s) URL, or - for standard input. Without a source, show what was loaded",
    )
    .option('--force', 'load even if more than 20 % of the current tickers are missing in the file')
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire filings tickers https://www.sec.gov/files/company_tickers.json\n  deskwire filings tickers company_tickers.json.gz\n  deskwire filings tickers\n' +
        '\nsec.gov refuses requests without a contact: set EGRESS_CONTACT. With it, a running desk loads the file daily by itself (FILINGS_TICKERS_URL).\n' +
        '\nExit codes: 0 done, 1 refused or failed (nothing was changed), 2 migrations pending, 78 wrong settings',
    )
    .action((source: string | undefined, options: TickersOptions) =>
      run(options, () => (source === undefined ? showLoads(options) : loadTickers(source, options))),
    );
  return filings;
}

async function loadTickers(source: string, options: TickersOptions): Promise<void> {
  // Read before a database is opened for it.
  const file = isUrl(source) ? undefined : bytesOf(source);
  await inContext('filings tickers', async (context) => {
    const { FilerTickers } = await import('#filings');
    const bytes = file ?? (await fetched(context, source));
    const load = await context.get(FilerTickers, { strict: false }).load(bytes, nameOf(source), options.force ?? false);
    if (options.json) printJson(load);
    else report(load);
  });
}

/** The URL is that of the operator, so its host may have a private address. */
async function fetched(context: INestApplicationContext, url: string): Promise<Buffer> {
  const { TickerRefresh } = await import('#filings');
  const { Egress } = await import('#egress');
  context.get(Egress, { strict: false }).allow(new URL(url).host);
  return context.get(TickerRefresh, { strict: false }).fetch(url);
}

function report({ source, tickers, added, ended, changed, skipped, problems }: TickerLoad): void {
  console.log(`Loaded ${count(tickers, 'ticker')} of ${source}`);
  console.log(table(['ADDED', 'ENDED', 'CHANGED', 'SKIPPED'], [[added, ended, changed, skipped].map(String)]));
  for (const { entry, reason } of problems.slice(0, PROBLEMS_SHOWN)) process.stderr.write(`  ${entry}: ${reason}\n`);
  if (skipped > PROBLEMS_SHOWN) process.stderr.write(`  .. ${skipped - PROBLEMS_SHOWN} more\n`);
}

async function showLoads(options: CommonOptions): Promise<void> {
  await inContext('filings tickers', async (context) => {
    const { FilerTickers } = await import('#filings');
    const loads = await context.get(FilerTickers, { strict: false }).loads();
    if (options.json) printJson(loads);
    else if (loads.length === 0) console.log('No ticker file was loaded: deskwire filings tickers FILE|URL');
    else
      console.log(
        table(
          ['SOURCE', 'LOADED', 'TICKERS', 'ADDED', 'ENDED', 'SKIPPED'],
          loads.map(({ source, loadedAt, tickers, added, ended, skipped }) => [
            source,
            loadedAt.toISOString(),
            ...[tickers, added, ended, skipped].map(String),
          ]),
        ),
      );
  });
}

function inContext(command: string, work: (context: INestApplicationContext) => Promise<void>): Promise<void> {
  const modules = async () => {
    const { AuthModule } = await import('#auth');
    const { FilingsModule } = await import('#filings');
    return [AuthModule, FilingsModule];
  };
  return withContext(command, modules, work);
}

function bytesOf(source: string): Buffer {
  try {
    return readFileSync(source === '-' ? 0 : source);
  } catch (error) {
    throw new CliError(`The file ${source} cannot be read: ${(error as Error).message}`, ExitCode.failure);
  }
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
