import { Atomic, Database, ReadSnapshot, Transactions } from '#database';

export type Level = 'read committed' | 'repeatable read' | 'serializable';
export type Row = { id: number; value: number };

/** The house's own words for a unit of work; a method's body is what the test feeds it. */
class Words {
  // Read by the decorators, which inject it in a Nest class.
  constructor(readonly transactions: Transactions) {}

  @Atomic()
  atomic(work: () => Promise<void>): Promise<void> {
    return work();
  }

  @ReadSnapshot()
  readSnapshot(work: () => Promise<void>): Promise<void> {
    return work();
  }
}
export { Words as UnitOfWork };

class Aborted extends Error {}

/** One player of a script: a transaction opened by our own door, fed one statement at a time. */
export class IsolationSession {
  /** `refused`: PostgreSQL said 40001, the owner ran the work again, and the script ended there. */
  outcome: 'open' | 'committed' | 'aborted' | 'refused' = 'open';
  readonly ended: Promise<void>;
  private readonly steps: { sql: string; done: (rows: Row[]) => void }[] = [];
  private wake: () => void = () => undefined;
  private end: 'commit' | 'abort' | undefined;
  private attempts = 0;

  constructor(
    private readonly database: Database,
    open: (work: () => Promise<void>) => Promise<void>,
  ) {
    this.ended = open(() => this.play()).then(
      () => void (this.outcome = 'committed'),
      (error: unknown) => {
        if (!(error instanceof Aborted)) throw error;
        this.outcome = this.attempts > 1 ? 'refused' : 'aborted';
      },
    );
    // Whoever awaits `ended` sees the error; until then it must not count as unhandled.
    this.ended.catch(() => undefined);
  }

  /** The rows, or none once the transaction was refused. */
  run(sql: string): Promise<Row[]> {
    return Promise.race([
      new Promise<Row[]>((done) => {
        this.steps.push({ sql, done });
        this.wake();
      }),
      this.ended.then(() => []),
    ]);
  }

  commit(): Promise<void> {
    this.end = 'commit';
    this.wake();
    return this.ended;
  }

  abort(): Promise<void> {
    this.end = 'abort';
    this.wake();
    return this.ended;
  }

  private async play(): Promise<void> {
    if (++this.attempts > 1) throw new Aborted();
    for (;;) {
      const step = this.steps.shift();
      if (step) step.done(await this.database.rows<Row>(step.sql));
      else if (this.end === 'commit') return;
      else if (this.end === 'abort') throw new Aborted();
      else await new Promise<void>((wake) => (this.wake = wake));
    }
  }
}
