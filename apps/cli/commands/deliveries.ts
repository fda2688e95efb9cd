import { Command, InvalidArgumentError } from 'commander';
import type { INestApplicationContext } from '@nestjs/common';
import type { DeliveryStatus, DeliveryView } from '#deliveries';
import { CliError } from '../cli-error.js';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson, table } from '../output.js';

const STATUSES = ['pending', 'sending', 'delivered', 'dead', 'held', 'cancelled'];

interface ListOptions extends CommonOptions {
  status?: DeliveryStatus;
  endpoint?: string;
  limit: number;
}

interface RetryOptions extends CommonOptions {
  endpoint?: string;
  from?: Date;
  to?: Date;
}

export function deliveriesCommand(): Command {
  const deliveries = new Command('deliveries').description(
    'The ledger of deliveries: list it, dead letters too, and send again',
  );
  const add = (name: string, description: string, examples: string) =>
    deliveries
      .command(name)
      .description(description)
      .option('--json', 'machine-readable')
      .option('--verbose', 'stack traces of failures')
      .addHelpText(
        'after',
        `\nExamples:\n${examples}\n\nExit codes: 0 done, 1 refused or failed, 2 migrations pending, 64 wrong usage, 78 wrong settings`,
      );

  add(
    'ls',
    'List deliveries, newest first',
    '  deskwire deliveries ls --status dead\n  deskwire deliveries ls --endpoint 0198f3c2-7d41-7a55-9d0e-3f1f6a8b2c11 --json',
  )
    .option('--status <status>', `one of ${STATUSES.join(', ')}`, status)
    .option('--endpoint <id>', 'only to this endpoint', uuid)
    .option('--limit <n>', 'how many', limit, 20)
    .action((options: ListOptions) =>
      act(options, 'deliveries ls', async (context) => {
        const { DeliveriesRepository } = await import('#deliveries');
        const rows = await context.get(DeliveriesRepository, { strict: false }).page({
          limit: options.limit,
          ...(options.status ? { status: options.status } : {}),
          ...(options.endpoint ? { endpointId: options.endpoint } : {}),
        });
        if (options.json) printJson(rows);
        else console.log(rows.length === 0 ? 'No such delivery.' : deliveryTable(rows));
      }),
    );

  add(
    'retry',
    'Send one again now, or all that ended for an endpoint in a window; message ids stay, so receivers know a repetition',
    '  deskwire deliveries retry 0198f3c2-7d41-7a55-9d0e-3f1f6a8b2c11\n  deskwire deliveries retry --endpoint 0198f3c2-.. --from 2026-01-05T09:00Z --to 2026-01-05T12:00Z',
  )
    .argument('[id]', 'the delivery', uuid)
    .option('--endpoint <id>', 'all of this endpoint', uuid)
    .option('--from <time>', 'enqueued at or after; the beginning if left out', time)
    .option('--to <time>', 'enqueued before; now if left out', time)
    .action((id: string | undefined, options: RetryOptions) =>
      act(options, 'deliveries retry', async (context) => {
        if ((id === undefined) === (options.endpoint === undefined))
          throw new CliError('Name one delivery, or --endpoint with --from and --to.', ExitCode.usage);
        const { DeliveryRetries } = await import('#deliveries');
        const retries = context.get(DeliveryRetries, { strict: false });
        const again =
          id === undefined
            ? await retries.replay(options.endpoint!, options.from ?? new Date(0), options.to ?? new Date())
            : await retries.retry(id).then(() => 1);
        if (options.json) printJson({ retried: again });
        else console.log(`${count(again, 'delivery', 'deliveries')} will be sent again by the next worker.`);
      }),
    );
  return deliveries;
}

function act(
  options: CommonOptions,
  command: string,
  work: (context: INestApplicationContext) => Promise<void>,
): Promise<void> {
  return run(options, () =>
    withDatabase(command, async ({ values, embedded }) => {
      const { openContext } = await import('../desk-context.js');
      const { AuthModule } = await import('#auth');
      const { DeliveriesModule } = await import('#deliveries');
      const context = await openContext(values, [AuthModule, DeliveriesModule], embedded);
      try {
        await work(context);
      } finally {
        await context.close();
      }
    }),
  );
}

function deliveryTable(rows: readonly DeliveryView[]): string {
  return table(
    ['DELIVERY', 'ENDPOINT', 'STATUS', 'ATTEMPTS', 'ENQUEUED', 'NEXT', 'CODE', 'ERROR'],
    rows.map((row) => [
      row.id,
      row.endpointId,
      row.status,
      String(row.attempts),
      row.createdAt.toISOString(),
      row.nextAttemptAt?.toISOString() ?? '',
      row.statusCode === null ? '' : String(row.statusCode),
      (row.error ?? '').slice(0, 60),
    ]),
  );
}

function status(text: string): string {
  if (!STATUSES.includes(text)) throw new InvalidArgumentError(`one of ${STATUSES.join(', ')}`);
  return text;
}

function limit(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 500) throw new InvalidArgumentError('a whole number from 1 to 500');
  return n;
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('a time as 2026-01-05T09:00Z');
  return at;
}

function uuid(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new InvalidArgumentError('an id as `deskwire deliveries ls` shows it');
  return id;
}
