import type { IsolationSession, Row } from './isolation-sessions.fixture.js';

/** Tools of a script: writers, readers, and a way to see that a statement waits for a lock. */
export interface Stage {
  writer(): IsolationSession;
  reader(): IsolationSession;
  blocked(): Promise<void>;
  /** The committed rows at the end. */
  table(): Promise<Row[]>;
}

const ONE = 'SELECT * FROM test WHERE id = 1';
const TWO = 'SELECT * FROM test WHERE id = 2';
const THIRDS = 'SELECT * FROM test WHERE value % 3 = 0';
const set = (id: number, value: number): string => `UPDATE test SET value = ${value} WHERE id = ${id}`;
const value = ([row]: Row[]): number | undefined => row?.value;
const bothCommitted = (...sessions: IsolationSession[]): boolean =>
  sessions.every(({ outcome }) => outcome === 'committed');

/**
 * The test cases of Hermitage (Martin Kleppmann, CC BY 4.0, github.com/ept/hermitage), statement by statement.
 * Each starts from (1, 10), (2, 20) and returns whether the anomaly occurred.
 */
export const SCRIPTS: Record<string, (stage: Stage) => Promise<boolean>> = {
  /** Write cycles: two writers' updates interleave. */
  async G0({ writer, blocked, table }) {
    const [t1, t2] = [writer(), writer()];
    await t1.run(set(1, 11));
    const waiting = t2.run(set(1, 12));
    await blocked();
    await t1.run(set(2, 21));
    await t1.commit();
    await waiting;
    await t2.run(set(2, 22));
    await t2.commit();
    const left = (await table()).map((row) => row.value).join();
    return left === '11,22' || left === '12,21';
  },

  /** Aborted reads. */
  async G1a({ writer, reader }) {
    const [t1, t2] = [writer(), reader()];
    await t1.run(set(1, 101));
    const first = value(await t2.run(ONE));
    await t1.abort();
    const second = value(await t2.run(ONE));
    await t2.commit();
    return first !== 10 || second !== 10;
  },

  /** Intermediate reads. */
  async G1b({ writer, reader }) {
    const [t1, t2] = [writer(), reader()];
    await t1.run(set(1, 101));
    const first = value(await t2.run(ONE));
    await t1.run(set(1, 11));
    await t1.commit();
    const second = value(await t2.run(ONE));
    await t2.commit();
    return first === 101 || second === 101;
  },

  /** Circular information flow. */
  async G1c({ writer }) {
    const [t1, t2] = [writer(), writer()];
    await t1.run(set(1, 11));
    await t2.run(set(2, 22));
    const seen = [value(await t1.run(TWO)), value(await t2.run(ONE))];
    await t1.commit();
    await t2.commit();
    return seen[0] === 22 || seen[1] === 11;
  },

  /** An observed transaction vanishes: of one transaction's two updates a reader sees one. */
  async OTV({ writer, reader, blocked }) {
    const [t1, t2, t3] = [writer(), writer(), reader()];
    await t1.run(set(1, 11));
    await t1.run(set(2, 19));
    const waiting = t2.run(set(1, 12));
    await blocked();
    await t1.commit();
    await waiting;
    const before = [value(await t3.run(ONE))];
    await t2.run(set(2, 18));
    before.push(value(await t3.run(TWO)));
    await t2.commit();
    const after = [value(await t3.run(TWO)), value(await t3.run(ONE))];
    await t3.commit();
    return before.join() !== '11,19' || !['18,12', '19,11'].includes(after.join());
  },

  /** Predicate-many-preceders: a row appears under a predicate that was read already. */
  async PMP({ writer, reader }) {
    const [t1, t2] = [reader(), writer()];
    await t1.run('SELECT * FROM test WHERE value = 30');
    await t2.run('INSERT INTO test (id, value) VALUES (3, 30)');
    await t2.commit();
    const seen = await t1.run(THIRDS);
    await t1.commit();
    return seen.length > 0;
  },

  /** Lost update. */
  async P4({ writer, blocked }) {
    const [t1, t2] = [writer(), writer()];
    await t1.run(ONE);
    await t2.run(ONE);
    await t1.run(set(1, 11));
    const waiting = t2.run(set(1, 11));
    await blocked();
    await t1.commit();
    await waiting;
    await t2.commit();
    return bothCommitted(t1, t2);
  },

  /** Read skew. */
  async 'G-single'({ writer, reader }) {
    const [t1, t2] = [reader(), writer()];
    await t1.run(ONE);
    await t2.run(ONE);
    await t2.run(TWO);
    await t2.run(set(1, 12));
    await t2.run(set(2, 18));
    await t2.commit();
    const seen = value(await t1.run(TWO));
    await t1.commit();
    return seen === 18;
  },

  /** Write skew on items: both read both, each writes one. */
  async 'G2-item'({ writer }) {
    const [t1, t2] = [writer(), writer()];
    await t1.run('SELECT * FROM test WHERE id IN (1, 2)');
    await t2.run('SELECT * FROM test WHERE id IN (1, 2)');
    await t1.run(set(1, 11));
    await t2.run(set(2, 21));
    await t1.commit();
    await t2.commit();
    return bothCommitted(t1, t2);
  },

  /** Write skew on a predicate: both see no row, and each inserts the row that the other looked for. */
  async G2({ writer }) {
    const [t1, t2] = [writer(), writer()];
    await t1.run(THIRDS);
    await t2.run(THIRDS);
    await t1.run('INSERT INTO test (id, value) VALUES (3, 30)');
    await t2.run('INSERT INTO test (id, value) VALUES (4, 42)');
    await t1.commit();
    await t2.commit();
    return bothCommitted(t1, t2);
  },
};

/** A waiting write predicate. At read committed it misses the row that matches meanwhile; at higher levels the transaction fails. */
export async function writePredicate({ writer, blocked }: Stage): Promise<IsolationSession['outcome']> {
  const [t1, t2] = [writer(), writer()];
  await t1.run('UPDATE test SET value = value + 10');
  const waiting = t2.run('DELETE FROM test WHERE value = 20');
  await blocked();
  await t1.commit();
  await waiting;
  await t2.commit();
  return t2.outcome;
}

/** Two anti-dependency edges (Fekete): a read-only transaction makes the first transaction's write impossible. */
export async function twoEdges({ writer }: Stage): Promise<IsolationSession['outcome']> {
  const t1 = writer();
  await t1.run('SELECT * FROM test');
  const t2 = writer();
  await t2.run('UPDATE test SET value = value + 5 WHERE id = 2');
  await t2.commit();
  const t3 = writer();
  await t3.run('SELECT * FROM test');
  await t3.commit();
  await t1.run('UPDATE test SET value = 0 WHERE id = 1');
  await t1.commit();
  return t1.outcome;
}
