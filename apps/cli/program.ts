import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { Command, CommanderError } from 'commander';
import { EXIT_CODES_HELP, ExitCode } from './exit-code.js';

interface CommandEntry {
  about: string;
  /** Loaded only when the command is named, so that `--help` answers without the others. */
  load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  serve: {
    about: 'Run the desk: database (embedded in development), migrations, HTTP, sockets, console',
    load: async () => (await import('./commands/serve.js')).serveCommand(),
  },
  migrate: {
    about: 'Apply, undo, list, preview and compare the database schema',
    load: async () => (await import('./commands/migrate.js')).migrateCommand(),
  },
  instruments: {
    about: 'Import instrument masters, list the imports, roll back to one',
    load: async () => (await import('./commands/instruments.js')).instrumentsCommand(),
  },
  portfolios: {
    about: 'Import portfolios from documents of brokers; list, close, reopen and delete them',
    load: async () => (await import('./commands/portfolios.js')).portfoliosCommand(),
  },
  feeds: {
    about: 'Replay recorded feeds, poll the feeds that are due',
    load: async () => (await import('./commands/feeds.js')).feedsCommand(),
  },
  filings: {
    about: 'Load the tickers of filers from the file of the SEC, show which are loaded',
    load: async () => (await import('./commands/filings.js')).filingsCommand(),
  },
  deliveries: {
    about: 'List deliveries and dead letters, send them again',
    load: async () => (await import('./commands/deliveries.js')).deliveriesCommand(),
  },
  users: {
    about: 'Add, list, disable and enable users, reset passwords',
    load: async () => (await import('./commands/users.js')).usersCommand(),
  },
  secrets: {
    about: 'Encrypt stored secrets with another key, export and import what replication withholds',
    load: async () => (await import('./commands/secrets.js')).secretsCommand(),
  },
  replication: {
    about: 'Copy the desk to a secondary region, watch it, resolve conflicts, promote it',
    load: async () => (await import('./commands/replication.js')).replicationCommand(),
  },
  backup: {
    about: 'Write every row of the desk to a folder, in one snapshot, while it runs',
    load: async () => (await import('./commands/backup.js')).backupCommand(),
  },
  restore: {
    about: 'Restore a backup into an empty database',
    load: async () => (await import('./commands/backup.js')).restoreCommand(),
  },
  'read-only': {
    about: 'Make the database refuse writes, and accept them again, without a restart',
    load: async () => (await import('./commands/read-only.js')).readOnlyCommand(),
  },
  verify: {
    about: 'Check a running desk: API, database, schema, pools, deliveries, webhooks, replication, feeds',
    load: async () => (await import('./commands/verify.js')).verifyCommand(),
  },
  config: {
    about: 'Check the settings in effect, print an example',
    load: async () => (await import('./commands/config.js')).configCommand(),
  },
  demo: {
    about: 'Show, load and remove the demo desk',
    load: async () => (await import('./commands/demo.js')).demoCommand(),
  },
};

/** Runs one command line, without the program's name. @returns the exit code */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  process.exitCode = undefined;
  try {
    await (await deskwire(args)).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  }
  return Number(process.exitCode ?? ExitCode.done);
}

async function deskwire(args: readonly string[]): Promise<Command> {
  const program = new Command('deskwire')
    .description("The backend of a trading desk's live screens")
    .version(version(), '--version', 'print the version')
    .showHelpAfterError('(deskwire --help lists the commands)')
    .addHelpText('after', EXIT_CODES_HELP);
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const named = first === 'help' ? second : first;
  for (const [name, { about, load }] of Object.entries(COMMANDS)) {
    const command = name === named ? await load() : new Command(name);
    program.addCommand(command.description(about));
  }
  forEach(program, (command) => command.exitOverride());
  return program;
}

/** Version of the package. */
function version(): string {
  return (JSON.parse(readFileSync(findPackageJSON(import.meta.url)!, 'utf8')) as { version: string }).version;
}

function forEach(command: Command, act: (command: Command) => void): void {
  act(command);
  for (const child of command.commands) forEach(child, act);
}
