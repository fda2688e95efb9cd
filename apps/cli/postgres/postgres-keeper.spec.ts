import { Logger } from '@nestjs/common';
import { PostgresKeeper } from './postgres-keeper.js';

/** A fake database that starts or fails, and ends on request. */
class FakeProcess {
  readonly #end = Promise.withResolvers<string>();
  readonly ended = this.#end.promise;
  hasEnded = false;

  constructor(
    private readonly starts: boolean,
    readonly startedAt = Date.now(),
  ) {}

  async ready(): Promise<void> {
    if (this.starts) return;
    this.die('code 1');
    throw new Error('its last words');
  }

  die(why: string): void {
    this.hasEnded = true;
    this.#end.resolve(why);
  }

  async stop(): Promise<void> {
    this.die('asked to');
  }
}

describe('the keeper of the embedded PostgreSQL', () => {
  const pauses = [0, 1, 2];
  const said: { level: string; msg: string }[] = [];
  let runs: FakeProcess[];
  let heard = Promise.withResolvers<void>();

  beforeEach(() => {
    said.length = 0;
    runs = [];
    const note = (level: string) => (message: unknown) => {
      said.push({ level, msg: (message as { msg: string }).msg });
      if (/runs again/.test(said.at(-1)!.msg)) heard.resolve();
    };
    Logger.overrideLogger({ log: () => undefined, warn: note('warn'), error: note('error') });
  });
  afterEach(() => Logger.overrideLogger(false));

  /** @param starts whether each restart succeeds, in order; the last value applies to all later ones */
  function keep(...starts: boolean[]): PostgresKeeper {
    runs.push(new FakeProcess(true));
    return new PostgresKeeper(
      runs[0]!,
      () => (runs.push(new FakeProcess(starts.length > 1 ? starts.shift()! : starts[0]!)), runs.at(-1)!),
      pauses,
    );
  }

  async function dieAndRevive(): Promise<void> {
    heard = Promise.withResolvers();
    runs.at(-1)!.die('SIGKILL');
    await heard.promise;
  }

  it('restarts a database that ended unexpectedly, and logs it', async () => {
    const keeper = keep(false, true);
    await dieAndRevive();
    expect(runs.map((run) => run.hasEnded)).toEqual([true, true, false]);
    expect(said.map(({ level }) => level)).toEqual(['error', 'warn', 'warn']);
    await keeper.stop();
  });

  it('the keeper of the embedded PostgreSQL gives up with the last log lines of the database when it cannot be started', async () => {
    const keeper = keep(false);
    runs[0]!.die('SIGKILL');
    expect((await keeper.lost).message).toBe('its last words');
    expect(runs).toHaveLength(1 + pauses.length);
    await keeper.stop();
  });

  it('the keeper of the embedded PostgreSQL gives up a database that ends after each start, and resets the count after a long run', async () => {
    const keeper = keep(true);
    await dieAndRevive();
    await dieAndRevive();
    Object.assign(runs.at(-1)!, { startedAt: Date.now() - 61_000 });
    for (const _pause of pauses) await dieAndRevive();
    runs.at(-1)!.die('SIGKILL');
    expect((await keeper.lost).message).toContain('ends after each start');
    await keeper.stop();
  });

  it('restarts nothing after a stop', async () => {
    const keeper = keep(true);
    await keeper.stop();
    expect(runs).toHaveLength(1);
    expect(said).toEqual([]);
  });
});
