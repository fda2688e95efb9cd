import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { Principal, User } from '#auth';
import type { PortfolioImportsService } from '#portfolios';
import { CliError } from '../cli-error.js';
import { run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { addClosing } from '../portfolios/portfolio-closing.js';
import { count, printJson, table, type CommonOptions } from '../output.js';

type Imported = Awaited<ReturnType<PortfolioImportsService['importAs']>>;

interface ImportOptions extends CommonOptions {
  portfolio: string;
  format: string;
  user?: string;
  broker?: string;
  account?: string;
  asOf?: string;
  currency?: string;
  cash?: string;
  keys?: string;
  columns?: string;
  decimalMark?: string;
  allowEmpty?: boolean;
  dryRun?: boolean;
}

export function portfoliosCommand(): Command {
  return addClosing(new Command('portfolios').addCommand(importCommand()), act);
}

function act(
  options: CommonOptions,
  command: string,
  work: (context: INestApplicationContext) => Promise<ExitCode>,
): Promise<void> {
  return run(options, () => inContext(command, work));
}

function inContext(command: string, work: (context: INestApplicationContext) => Promise<ExitCode>): Promise<ExitCode> {
  const modules = async () => {
    const { AuthModule } = await import('#auth');
    const { PortfoliosModule } = await import('#portfolios');
    return [AuthModule, PortfoliosModule];
  };
  return withContext(command, modules, work);
}

/** `deskwire portfolios import`: the snapshot of a portfolio from documents of its broker. */
function importCommand(): Command {
  return new Command('import')
    .description("Store a portfolio's snapshot from documents of its broker, such as positions and holdings")
    .argument('<files...>', 'documents of one account')
    .requiredOption('--portfolio <id>', 'portfolio to store')
    .requiredOption(
      '--format <name>',
      'kite, upstox, angel, alpaca, binance-spot, binance-usdm, binance-coinm, ibkr-flex, ibkr-activity, ghostfolio, portfolio-performance or csv',
    )
    .option('--user <who>', 'owner, an e-mail or an id (default: the owner of the portfolio)')
    .option('--broker <name>', 'broker of the account (default: that of the portfolio or the format)')
    .option('--account <name>', 'account (default: that of the documents or the portfolio)')
    .option('--as-of <time>', 'time of the documents, RFC 3339 (default: as they say, else now)')
    .option('--currency <code>', 'currency of the account (default: as the documents say)')
    .option('--cash <amount>', 'cash, if the documents have none')
    .option('--keys <kind>', 'Kite: token or symbol')
    .option('--columns <list>', 'csv: columns of fields, such as quantity=Qty,lastPrice=LTP')
    .option('--decimal-mark <mark>', 'CSV: . or ,', decimalMark)
    .option('--allow-empty', 'store an account without positions')
    .option('--dry-run', 'store nothing; show what would be stored')
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire portfolios import positions.json holdings.json --portfolio desk-7 --format kite --account AB1234 --user ann@desk.example\n  deskwire portfolios import flex.xml --portfolio us --format ibkr-flex --dry-run',
    )
    .action((files: string[], options: ImportOptions) =>
      act(options, 'portfolios import', async (context) => {
        const documents = files.map(fileOf);
        const { PortfolioImportsService } = await import('#portfolios');
        const { portfolio, user, json: _json, verbose: _verbose, allowEmpty, dryRun, ...said } = options;
        const owner = await ownerOf(context, portfolio, user);
        const result = await context
          .get(PortfolioImportsService, { strict: false })
          .importAs(principalOf(owner), portfolio, documents, {
            ...said,
            ...(allowEmpty && { allowEmpty: 'true' }),
            ...(dryRun && { dryRun: 'true' }),
          });
        if (options.json) printJson(result);
        else report(result);
        return result.status === 'stale' ? ExitCode.failure : ExitCode.done;
      }),
    );
}

function fileOf(path: string) {
  try {
    return { name: basename(path), bytes: new Uint8Array(readFileSync(path)) };
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`, ExitCode.failure);
  }
}

/** The user whom the portfolio is stored for. */
async function ownerOf(context: INestApplicationContext, portfolio: string, who: string | undefined): Promise<User> {
  const { UsersService } = await import('#auth');
  const { PortfoliosRepository } = await import('#portfolios');
  const known = who ?? (await context.get(PortfoliosRepository, { strict: false }).find(portfolio, undefined))?.userId;
  if (known === undefined)
    throw new CliError(`Portfolio ${portfolio} does not exist yet. Name its owner with --user.`, ExitCode.usage);
  return context.get(UsersService, { strict: false }).find(known);
}

function principalOf({ id, roles }: User): Principal {
  return { userId: id, roles, loginId: id, expiresAt: new Date(8.64e15), via: 'login' };
}

function report({ status, portfolioId, positions, worth, ignored, notes, ...of }: Imported): void {
  const what = {
    stored: 'Stored',
    stale: 'Not stored, because a snapshot as new or newer is kept',
    read: 'Read, and stored nothing',
  };
  console.log(`${what[status]}: ${portfolioId}, account ${of.account} of ${of.broker} at ${of.asOf}.`);
  console.log(
    table(
      ['SYMBOL', 'KEY', 'LEG', 'QUANTITY', 'AVERAGE', 'LAST', 'CURRENCY'],
      positions.map(({ symbol, key, leg, quantity, averagePrice, lastPrice, currency }) => [
        symbol,
        key,
        leg ?? '',
        quantity,
        averagePrice ?? 'unknown',
        lastPrice ?? 'unknown',
        currency ?? of.currency,
      ]),
    ),
  );
  for (const { currency, amount } of of.cash) console.log(`Cash ${amount} ${currency}`);
  console.log(`Value ${worth.value ?? 'unknown'}, P&L of the day ${worth.dayPnl ?? 'unknown'} (${of.currency})`);
  for (const [field, made] of Object.entries(worth.reconciliation ?? {}))
    if (made)
      console.log(
        `  ${field}: the broker says ${made.given}, computed ${made.computed}, difference ${made.difference}`,
      );
  for (const note of notes) process.stderr.write(`  ${note}\n`);
  for (const { rows, count: n } of ignored.rows) process.stderr.write(`  Ignored: ${count(n, 'row')} ${rows}\n`);
  if (ignored.columns.length > 0) process.stderr.write(`  Not used: ${ignored.columns.join(', ')}\n`);
}

function decimalMark(mark: string): string {
  if (mark !== '.' && mark !== ',') throw new InvalidArgumentError('. or ,');
  return mark;
}
