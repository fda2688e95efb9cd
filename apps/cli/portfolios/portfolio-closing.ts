import type { Command } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { PortfoliosRepository } from '#portfolios';
import { limit, subcommands, uuid } from '../command-options.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson, table } from '../output.js';

/** Runs a command on the portfolios of the desk. */
type Act = (
  options: CommonOptions,
  command: string,
  work: (context: INestApplicationContext) => Promise<ExitCode>,
) => Promise<void>;

const userId = uuid('the id of a user, as `deskwire users list` shows it');

interface ListOptions extends CommonOptions {
  broker?: string;
  user?: string;
  closed?: boolean;
  limit: number;
}

/** Adds `list`, `close`, `reopen` and `delete` to `deskwire portfolios`. */
export function addClosing(portfolios: Command, act: Act): Command {
  const add = subcommands(
    portfolios,
    '0 done, 1 refused or failed, 2 migrations pending, 64 wrong usage, 78 wrong settings',
  );

  add(
    'list',
    'List open or closed portfolios, sorted by id',
    '  deskwire portfolios list --broker zerodha\n  deskwire portfolios list --closed --json | jq -r ".[].portfolioId"',
  )
    .option('--broker <name>', 'only portfolios at this broker')
    .option('--user <id>', 'only portfolios of this user', userId)
    .option('--closed', 'closed portfolios instead of open ones')
    .option('--limit <n>', 'maximum number of rows', limit, 100)
    .action((options: ListOptions) =>
      act(options, 'portfolios list', async (context) => {
        const { PortfoliosRepository: Repository } = await import('#portfolios');
        const rows = await context.get(Repository, { strict: false }).page({
          brokers: options.broker === undefined ? undefined : [options.broker],
          userIds: options.user === undefined ? undefined : [options.user],
          closed: options.closed === true,
          sort: 'portfolioId',
          limit: options.limit,
        });
        if (options.json) printJson(rows.map(summary));
        else console.log(rows.length === 0 ? 'No portfolio.' : portfolioTable(rows));
        return ExitCode.done;
      }),
    );

  for (const [name, closed, description] of [
    ['close', true, 'Close a portfolio: it is in no total and takes no snapshot. Its history stays'],
    ['reopen', false, 'Reopen a closed portfolio'],
  ] as const)
    add(`${name} <id>`, description, `  deskwire portfolios ${name} desk-7.main`).action(
      (id: string, options: CommonOptions) =>
        act(options, `portfolios ${name}`, async (context) => {
          const { PortfoliosService } = await import('#portfolios');
          const answer = await context.get(PortfoliosService, { strict: false }).setClosed(undefined, id, closed);
          if (options.json) printJson(answer);
          else console.log(closed ? `Closed ${id} (${answer.closedAt}).` : `Reopened ${id}.`);
          return ExitCode.done;
        }),
    );

  add(
    'delete <id>',
    'Delete a portfolio with its history. This cannot be undone',
    '  deskwire portfolios delete desk-7.main',
  ).action((id: string, options: CommonOptions) =>
    act(options, 'portfolios delete', async (context) => {
      const { PortfoliosService } = await import('#portfolios');
      await context.get(PortfoliosService, { strict: false }).remove(undefined, id);
      if (options.json) printJson({ deleted: id });
      else console.log(`Deleted ${id} with its history.`);
      return ExitCode.done;
    }),
  );
  return portfolios;
}

type Row = Awaited<ReturnType<PortfoliosRepository['rows']>>[number];

function summary({ portfolioId, userId, broker, account, currency, asOf, closedAt, positions }: Row) {
  return { portfolioId, userId, broker, account, currency, positions: positions.length, asOf, closedAt };
}

function portfolioTable(rows: readonly Row[]): string {
  return table(
    ['PORTFOLIO', 'USER', 'BROKER', 'ACCOUNT', 'POSITIONS', 'AS OF', 'CLOSED'],
    rows
      .map(summary)
      .map(({ portfolioId, userId, broker, account, positions, asOf, closedAt }) => [
        portfolioId,
        userId,
        broker,
        account,
        String(positions),
        asOf,
        closedAt ?? '',
      ]),
  );
}
