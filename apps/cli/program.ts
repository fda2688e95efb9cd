import { Command } from 'commander';
import { configCommand } from './commands/config.js';
import { deliveriesCommand } from './commands/deliveries.js';
import { demoCommand } from './commands/demo.js';
import { feedsCommand } from './commands/feeds.js';
import { instrumentsCommand } from './commands/instruments.js';
import { migrateCommand } from './commands/migrate.js';
import { secretsCommand } from './commands/secrets.js';
import { serveCommand } from './commands/serve.js';
import { usersCommand } from './commands/users.js';
import { EXIT_CODES_HELP, ExitCode } from './exit-code.js';

/** The `deskwire` command. Each action loads what it needs when it runs: `--help` answers without the server's code. */
export function deskwire(): Command {
  const program = new Command('deskwire')
    .description(
      "The backend behind a trading desk's live screens: server, schema, instrument masters and users from one command.",
    )
    .showHelpAfterError('(deskwire --help shows what there is)')
    .addHelpText('after', EXIT_CODES_HELP);
  for (const make of [
    serveCommand,
    migrateCommand,
    instrumentsCommand,
    feedsCommand,
    deliveriesCommand,
    usersCommand,
    secretsCommand,
    configCommand,
    demoCommand,
  ])
    program.addCommand(make());
  forEach(program, (command) =>
    command.exitOverride((error) => {
      process.exit(error.exitCode === 0 ? ExitCode.done : ExitCode.usage);
    }),
  );
  return program;
}

function forEach(command: Command, act: (command: Command) => void): void {
  act(command);
  for (const child of command.commands) forEach(child, act);
}
