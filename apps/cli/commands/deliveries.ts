import { Command, InvalidArgumentError } from 'commander';
import type { DeliveriesService } from '#deliveries';
import { limit, subcommands, uuid } from '../command-options.js';
import { CliError } from '../cli-error.js';
import { run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson, table } from '../output.js';

const idOf = uuid('an id as `deskwire deliveries list` shows it');
const STATUSES = ['pending', 'sending', 'delivered', 'dead', 'held', 'cancelled'] as const;
type Status = (typeof STATUSES)[number];

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
  const add = subcommands(
    deliveries,
    '0 done, 1 refused or failed, 2 migrations pending, 64 wrong usage, 78 wrong settings',
  );

  add(
    'list',
    'List deliveries, newest first',
    '  deskwire deliveries list --status dead\n  deskwire deliveries list --json | jq -r ".[0].id"',
  )
    .option('--status <status>', `one of ${STATUSES.join(', ')}`, status)
    .option('--endpoint <id>', 'only to this webhook', idOf)
    .option('--limit <n>', 'how many', limit, 20)
    .action((options: ListOptions) =>
      act(options, 'deliveries list', async (service) => {
        const { status: wanted, endpoint, limit: most } = options;
        const { items } = await service.list({
          ...(wanted && { status: [wanted] }),
          ...(endpoint && { endpointId: [endpoint] }),
          sort: '-createdAt',
          limit: most,
        });
        if (options.json) printJson(items);
        else console.log(items.length === 0 ? 'No such delivery.' : deliveryTable(items));
      }),
    );

  add(
    'retry',
    'Send one delivery again now, or everything that ended for a webhook in a window. Message ids stay, so receivers recognise repetitions',
    '  deskwire deliveries retry 0198f3c2-7d41-7a55-9d0e-3f1f6a8b2c11\n  deskwire deliveries retry --endpoint 0198f3c2-.. --from 2026-01-05T09:00Z --to 2026-01-05T12:00Z',
  )
    .argument('[id]', 'the delivery', idOf)
    .option('--endpoint <id>', 'everything to this webhook', idOf)
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
  return run(options, async () => {
    const { AuthModule } = await import('#auth');
    const { DeliveriesModule, DeliveriesService: Service } = await import('#deliveries');
    const modules = () => Promise.resolve([AuthModule, DeliveriesModule]);
    await withContext(command, modules, (context) => work(context.get(Service, { strict: false })));
  });
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

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('a time such as 2026-01-05T09:00Z');
  return at;
}
