import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from './cli-error.js';
import type { DeskEnvironment } from './environment.js';
import { ExitCode } from './exit-code.js';
import { HomeLock, type HomeOwner } from './home/home-lock.js';
import { EmbeddedPostgres } from './postgres/embedded-postgres.js';

/** How long a command waits for another command in the same home. Commands are short. */
const COMMAND_PATIENCE_MS = 30_000;

const NEVER = new Promise<never>(() => undefined);

/** The database of a command or of the server. */
export interface DeskDatabase {
  url: string;
  /** True if it is the embedded PostgreSQL of the home, whichever process started it. */
  embedded: boolean;
  /** Messages about the start, for the user. */
  notes: readonly string[];
  /** Publishes the server's address to other commands of this home. */
  announce(url: string): void;
  /** Resolves with the reason when the embedded database cannot be kept running. */
  lost: Promise<Error>;
  close(): Promise<void>;
}

/** The database of the server. @throws CliError if another process runs this home */
export async function openForServer(environment: DeskEnvironment): Promise<DeskDatabase> {
  if (!environment.embedded) return external(environment);
  const lock = new HomeLock(environment.home.make());
  const holder = await takeWhenFree(lock, 'serve', (owner) => owner.command === 'serve');
  if (holder) throw inUse(environment, holder);
  return started(environment, lock, 'kept');
}

/** The database of a command: that of the running server, or the embedded one for the duration of the command. */
export async function openForCommand(environment: DeskEnvironment, command: string): Promise<DeskDatabase> {
  if (!environment.embedded) return external(environment);
  const lock = new HomeLock(environment.home.make());
  const holder = await takeWhenFree(
    lock,
    command,
    (owner) => owner.databasePort !== undefined && owner.command === 'serve',
  );
  if (!holder) return started(environment, lock, 'as it is');
  const url =
    holder.databasePort === undefined ? undefined : EmbeddedPostgres.url(environment.home, holder.databasePort);
  if (holder.command !== 'serve' || url === undefined) throw inUse(environment, holder);
  return { url, embedded: true, notes: [], announce: () => undefined, lost: NEVER, close: () => Promise.resolve() };
}

/** @param enough whether waiting longer for this holder is useless */
async function takeWhenFree(
  lock: HomeLock,
  command: string,
  enough: (holder: HomeOwner) => boolean,
): Promise<HomeOwner | undefined> {
  for (const until = Date.now() + COMMAND_PATIENCE_MS; ; await sleep(50)) {
    const holder = lock.take(command);
    if (!holder || enough(holder) || Date.now() > until) return holder;
  }
}

/** @param how `kept`: restarted when it ends unexpectedly */
async function started({ home }: DeskEnvironment, lock: HomeLock, how: 'kept' | 'as it is'): Promise<DeskDatabase> {
  const postgres = new EmbeddedPostgres(home);
  const close = async () => {
    await postgres.stop();
    lock.release();
  };
  try {
    const { url, port, notes } = await postgres.start();
    lock.tell({ databasePort: port });
    const lost = how === 'kept' ? postgres.keep() : NEVER;
    return { url, embedded: true, notes, announce: (at) => lock.tell({ databasePort: port, url: at }), lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function external(environment: DeskEnvironment): DeskDatabase {
  return {
    url: environment.values['DATABASE_URL']!,
    embedded: false,
    notes: [],
    announce: () => undefined,
    lost: NEVER,
    close: () => Promise.resolve(),
  };
}

function inUse({ home }: DeskEnvironment, { command, pid, since, url }: HomeOwner): CliError {
  const where = url ? ` at ${url}` : '';
  const other =
    command === 'serve'
      ? `, or start a second desk with DESKWIRE_HOME=.deskwire-2 PORT=3001`
      : ', or try again when it has ended';
  return new CliError(
    `The home ${home.path} is in use: \`deskwire ${command}\` runs there as process ${pid} since ${since}${where}.\nStop it (kill ${pid})${other}. Nothing was changed.`,
    ExitCode.busy,
  );
}
