import { Atomic, Database, ReadSnapshot, Transactions } from '#database';

export type Level = 'read committed' | 'repeatable read' | 'serializable';
export type Row = { id: number; value: number };

/** Runs the work that a test passes, in a transaction of our decorators. */
class Words {
  // The decorators read this property, which Nest injects elsewhere.
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

/** One session of a script: a transaction opened by our code, which runs one statement at a time. */
export class IsolationSession {
  /** `refused`: PostgreSQL raised 40001, and the script ended when the transaction was repeated. */
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
    // The error is thrown where `ended` is awaited, and must not count as unhandled before that.
    this.ended.catch(() => undefined);
  }

  /** Returns the rows, or none if the transaction was refused. */
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
