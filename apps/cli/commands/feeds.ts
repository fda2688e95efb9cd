import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { CycleResult, FeedKind, ReplayedPoll } from '#feeds';
import { subcommands } from '../command-options.js';
import { CliError } from '../cli-error.js';
import { run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson, table } from '../output.js';

interface ReplayOptions extends CommonOptions {
  source?: string;
  kind?: string;
  broker?: string;
  key?: string;
  dateFormat?: string;
  timeZone?: string;
}

const KINDS = ['rss', 'atom', 'json-feed', 'edgar', 'quotes-csv', 'quotes-json'];

export function feedsCommand(): Command {
  const feeds = new Command('feeds');
  const add = subcommands(feeds, '0 done, 1 a poll failed, 2 migrations pending, 78 wrong settings');

  add(
    'replay <path>',
    'Process recorded feeds as if they were polled now: claims, filings, events, alerts, deliveries. A file or a .tar.gz of pages is one poll. A folder is one poll per entry, in name order',
    '  deskwire feeds replay halts.xml\n  deskwire feeds replay crawls/ --source EDGAR\n  deskwire feeds replay bars.csv --kind quotes-csv --broker demo --key SPX',
  )
    .option(
      '--source <name>',
      'name of the feed that was recorded; created disabled if it does not exist (default: the name of the path)',
    )
    .option('--kind <kind>', `kind of feed, if it cannot be detected: ${KINDS.join(', ')}`)
    .option('--broker <name>', 'quotes only: namespace of their keys')
    .option('--key <key>', 'quotes without a key, such as bars: their key')
    .option('--date-format <format>', 'quotes: format of their times, such as M/D/YYYY')
    .option('--time-zone <zone>', 'quotes: time zone of times without one (default: UTC)')
    .action((path: string, options: ReplayOptions) => run(options, () => replay(path, options)));

  add(
    'run',
    'Poll the feeds that are due, once, in this process',
    '  deskwire feeds run\n  deskwire feeds run --json',
  ).action((options: CommonOptions) =>
    run(options, () =>
      inContext('feeds run', async (context) => {
        const { FeedPoller } = await import('#feeds');
        const done = await context.get(FeedPoller, { strict: false }).runDue();
        const rows = done.map(({ source, result }) => ({ source: source.name, ...result }));
        if (options.json) printJson(rows);
        else
          console.log(
            rows.length === 0
              ? 'No feed is due.'
              : resultTable(
                  'SOURCE',
                  rows.map((row) => [row.source, row]),
                ),
          );
        return rows.some(({ outcome }) => outcome === 'failed' || outcome === 'lost')
          ? ExitCode.failure
          : ExitCode.done;
      }),
    ),
  );
  return feeds;
}

async function replay(path: string, options: ReplayOptions): Promise<ExitCode> {
  if (!existsSync(path)) throw new CliError(`There is no file or folder ${path}.`, ExitCode.failure);
  if (options.kind !== undefined && !KINDS.includes(options.kind))
    throw new CliError(`${options.kind} is no kind of feed: ${KINDS.join(', ')}.`, ExitCode.usage);
  const { kindOf, recordedPolls } = await import('#feeds');
  const polls = await recordedPolls(path);
  const kind = (options.kind as FeedKind | undefined) ?? polls.map(kindOf).find((found) => found !== undefined);
  if (kind === undefined) throw new CliError(`${path} does not reveal the kind of feed. Set --kind.`, ExitCode.usage);
  const quotes = kind.startsWith('quotes-');
  if (quotes && options.broker === undefined)
    throw new CliError('Quotes need --broker, the namespace of their keys.', ExitCode.usage);
  return inContext('feeds replay', async (context) => {
    const { FeedReplay, FeedsService } = await import('#feeds');
    const settings = quotes ? { quotes: await quoteSettingsOf(options) } : {};
    const wanted = { name: options.source ?? nameOf(path), kind, url: 'https://recorded.example/', settings };
    const source = await context.get(FeedsService, { strict: false }).forReplay(wanted);
    const done: ReplayedPoll[] = [];
    for (const poll of polls) {
      const result = await context.get(FeedReplay, { strict: false }).replay(source.id, poll);
      done.push(result);
      if (!options.json)
        for (const { item, reason } of result.warnings.slice(0, 5))
          process.stderr.write(`  ${poll.name}: ${item}: ${reason}\n`);
      if (!options.json && result.error !== null) process.stderr.write(`  ${poll.name}: ${result.error}\n`);
    }
    if (options.json) printJson(done);
    else
      console.log(
        resultTable(
          'POLL',
          done.map((result) => [result.poll, result]),
        ),
      );
    return done.some(({ outcome }) => outcome === 'failed' || outcome === 'lost') ? ExitCode.failure : ExitCode.done;
  });
}

/** @throws CliError naming the option that is wrong */
async function quoteSettingsOf({ broker, key, dateFormat, timeZone }: ReplayOptions) {
  const { quoteSettings } = await import('#feeds');
  const read = quoteSettings.safeParse({ broker, fixedKey: key, dateFormat, timeZone });
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new CliError(`The settings of quotes are wrong:\n${issues.join('\n')}`, ExitCode.usage);
}

function resultTable(first: string, rows: readonly (readonly [string, CycleResult])[]): string {
  return table(
    [first, 'OUTCOME', 'ENTRIES', 'NEW', 'REVISED', 'SEEN', 'UNREADABLE'],
    rows.map(([name, { outcome, entries, fresh, revised, seen, unreadable }]) => [
      name,
      outcome,
      ...[entries, fresh, revised, seen, unreadable].map(String),
    ]),
  );
}

function nameOf(path: string): string {
  return `replay ${basename(path)}`.replace(/[^A-Za-z0-9 ._-]/g, '-').slice(0, 60);
}

function inContext(command: string, work: (context: INestApplicationContext) => Promise<ExitCode>): Promise<ExitCode> {
  const modules = async () => {
    const { AlertsModule } = await import('#alerts');
    const { AuthModule } = await import('#auth');
    const { FeedsModule } = await import('#feeds');
    // With the alerts module, whose listeners run in the transaction of the claim. A running server sends the
    // deliveries.
    return [AlertsModule, AuthModule, FeedsModule];
  };
  return withContext(command, modules, work);
}
