import { Command, InvalidArgumentError } from 'commander';
import type { DeliveriesService } from '#deliveries';
import { CliError } from '../cli-error.js';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson, table } from '../output.js';

const STATUSES = ['pending', 'sending', 'delivered', 'dead', 'held', 'cancelled'] as const;
type Status = (typeof STATUSES)[number];
const MAX_LIMIT = 500;

interface ListOptions extends CommonOptions {
  status?: Status;
  endpoint?: string;
  limit: number;
}

interface RetryOptions extends CommonOptions {
  endpoint?: string;
  from?: Date;
  to?: Date;
}

export function deliveriesCommand(): Command {
  const deliveries = new Command('deliveries');
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
    'list',
    'List deliveries, newest first',
    '  deskwire deliveries list --status dead\n  deskwire deliveries list --json | jq -r ".[0].id"',
  )
    .option('--status <status>', `one of ${STATUSES.join(', ')}`, status)
    .option('--endpoint <id>', 'only to this webhook', uuid)
    .option('--limit <n>', 'how many', limit, 20)
    .action((options: ListOptions) =>
      act(options, 'deliveries list', async (service) => {
        const { status: wanted, endpoint, limit: most } = options;
        const { items } = await service.list({ status: wanted, endpoint, limit: most });
        if (options.json) printJson(items);
        else console.log(items.length === 0 ? 'No such delivery.' : deliveryTable(items));
      }),
    );

  add(
    'retry',
    'Send one delivery again now, or everything that ended for a webhook in a window. Message ids stay, so receivers recognise repetitions',
    '  deskwire deliveries retry 0198f3c2-7d41-7a55-9d0e-3f1f6a8b2c11\n  deskwire deliveries retry --endpoint 0198f3c2-.. --from 2026-01-05T09:00Z --to 2026-01-05T12:00Z',
  )
    .argument('[id]', 'the delivery', uuid)
    .option('--endpoint <id>', 'everything to this webhook', uuid)
    .option('--from <time>', 'enqueued at or after this time (default: the beginning)', time)
    .option('--to <time>', 'enqueued before this time (default: now)', time)
    .action((id: string | undefined, options: RetryOptions) =>
      act(options, 'deliveries retry', async (service) => {
        if ((id === undefined) === (options.endpoint === undefined))
          throw new CliError('Name one delivery, or --endpoint with --from and --to.', ExitCode.usage);
        const retried =
          id === undefined
            ? await service.replay(options.endpoint!, options.from ?? new Date(0), options.to ?? new Date())
            : await service.retry(id).then(() => 1);
        if (options.json) printJson({ retried });
        else console.log(`${count(retried, 'delivery', 'deliveries')} will be sent again by the next worker.`);
      }),
    );
  return deliveries;
}

function act(
  options: CommonOptions,
  command: string,
  work: (service: DeliveriesService) => Promise<void>,
): Promise<void> {
  return run(options, () =>
    withDatabase(command, async ({ values, embedded }) => {
      const { openContext } = await import('../desk-context.js');
      const { AuthModule } = await import('#auth');
      const { DeliveriesModule, DeliveriesService: Service } = await import('#deliveries');
      const context = await openContext(values, [AuthModule, DeliveriesModule], embedded);
      try {
        await work(context.get(Service, { strict: false }));
      } finally {
        await context.close();
      }
    }),
  );
}

function deliveryTable(items: Awaited<ReturnType<DeliveriesService['list']>>['items']): string {
  return table(
    ['DELIVERY', 'ENDPOINT', 'STATUS', 'ATTEMPTS', 'ENQUEUED', 'NEXT', 'CODE', 'ERROR'],
    items.map((item) => [
      item.id,
      item.endpointId,
      item.status,
      String(item.attempts),
      item.createdAt,
      item.nextAttemptAt ?? '',
      item.statusCode === null ? '' : String(item.statusCode),
      (item.error ?? '').slice(0, 60),
    ]),
  );
}

function status(text: string): Status {
  const found = STATUSES.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${STATUSES.join(', ')}`);
  return found;
}

function limit(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > MAX_LIMIT)
    throw new InvalidArgumentError(`a whole number from 1 to ${MAX_LIMIT}`);
  return n;
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('a time such as 2026-01-05T09:00Z');
  return at;
}

function uuid(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new InvalidArgumentError('an id as `deskwire deliveries list` shows it');
  return id;
}
