import type { INestApplicationContext } from '@nestjs/common';
import { Command } from 'commander';
import { subcommands } from '../command-options.js';
import { CliError } from '../cli-error.js';
import { type CommandDatabase, run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, count, printJson } from '../output.js';

export function demoCommand(): Command {
  const demo = new Command('demo');
  const add = subcommands(demo, '0 done, 1 failure, 2 migrations pending, 75 the demo is running, 78 wrong settings');

  add('status', 'Show what the demo desk contains and whether it is running', '  deskwire demo status').action(
    (options: CommonOptions) =>
      act(options, 'demo status', async (context, database) => {
        const { demoContent } = await import('../../demo/demo-removal.js');
        const content = await demoContent(context);
        const running = await isRunning(database);
        if (options.json) printJson({ ...content, running });
        else console.log(`${words(content)}; it ${running ? 'is running' : 'is not running'}.`);
      }),
  );
  add('load', 'Load the demo data without running the demo', '  deskwire demo load').action((options: CommonOptions) =>
    act(options, 'demo load', async (context, database) => {
      const { DemoDesk } = await import('../../demo/demo-desk.js');
      const { demoPasswords } = await import('../demo-passwords.js');
      const logins = await alone(database, async () => {
        const desk = new DemoDesk(context);
        const opened = await desk.openAccounts(demoPasswords(database.environment.home));
        await desk.load(new Date());
        return opened;
      });
      if (options.json) printJson(logins);
      else
        console.log(
          `Loaded. Sign in as:\n${logins.map(({ email, role, password }) => `  ${email}  ${role}  ${password}`).join('\n')}`,
        );
    }),
  );
  add(
    'clear',
    'Remove all demo data and nothing else. Refused while the demo is running',
    '  deskwire demo clear',
  ).action((options: CommonOptions) =>
    act(options, 'demo clear', async (context, database) => {
      const { removeDemo } = await import('../../demo/demo-removal.js');
      const removed = await alone(database, () => removeDemo(context));
      if (options.json) printJson(removed);
      else console.log(`Removed ${words(removed)}. Start with DESKWIRE_DEMO=false, or the demo loads them again.`);
    }),
  );
  return demo;
}

function act(
  options: CommonOptions,
  command: string,
  work: (context: INestApplicationContext, database: CommandDatabase) => Promise<void>,
): Promise<void> {
  return run(options, () =>
    withContext(command, demoModules, async (context, database) => {
      const { withCorrelation } = await import('#telemetry');
      await withCorrelation(undefined, () => work(context, database));
    }),
  );
}

async function demoModules(): Promise<unknown[]> {
  const { AlertsModule } = await import('#alerts');
  const { AuthModule } = await import('#auth');
  const { DeliveriesModule } = await import('#deliveries');
  const { EventsModule } = await import('#events');
  const { FeedsModule } = await import('#feeds');
  const { InstrumentsModule } = await import('#instruments');
  const { PortfoliosModule } = await import('#portfolios');
  const { SessionsModule } = await import('#sessions');
  const { WebhooksModule } = await import('#webhooks');
  return [
    AlertsModule,
    AuthModule,
    DeliveriesModule,
    EventsModule,
    FeedsModule,
    InstrumentsModule,
    PortfoliosModule,
    SessionsModule,
    WebhooksModule,
  ];
}

/** Runs `work` while no process runs the demo. */
async function alone<T>(database: CommandDatabase, work: () => Promise<T>): Promise<T> {
  const { DemoLock } = await import('../../demo/demo-lock.js');
  const lock = new DemoLock(database.values['DATABASE_URL']!);
  if (!(await lock.take())) {
    throw new CliError(
      'The demo desk is running. Stop the server, or start it with DESKWIRE_DEMO=false, then try again. Nothing was changed.',
      ExitCode.busy,
    );
  }
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function isRunning(database: CommandDatabase): Promise<boolean> {
  const { DemoLock } = await import('../../demo/demo-lock.js');
  const lock = new DemoLock(database.values['DATABASE_URL']!);
  const free = await lock.take();
  await lock.release();
  return !free;
}

function words({
  users,
  portfolios,
  quotes,
  instruments,
}: {
  users: number;
  portfolios: number;
  quotes: number;
  instruments: number;
}): string {
  return `${count(users, 'user')}, ${count(portfolios, 'portfolio')}, ${count(quotes, 'quote')}, ${count(instruments, 'instrument')} of the demo`;
}
