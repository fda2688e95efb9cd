import { findBlocked } from './blocked-transaction.js';

/** Messages of pgoutput, version 1, with the fields that are read. */
const begin = (lsn: bigint): Buffer => {
  const message = Buffer.alloc(21, 'B');
  message.writeBigUInt64BE(lsn, 1);
  message.writeBigInt64BE(0n, 9);
  return message;
};
const relation = (id: number, name: string): Buffer => {
  const head = Buffer.alloc(5, 'R');
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, Buffer.from(`public\0${name}\0`)]);
};
const insert = (id: number): Buffer => {
  const message = Buffer.alloc(6, 'I');
  message.writeUInt32BE(id, 1);
  return message;
};
const commit = Buffer.from('C');

/** A slot that answers with whole transactions, as PostgreSQL does. */
class Slot {
  asked: number[] = [];

  constructor(private readonly transactions: readonly (readonly Buffer[])[]) {}

  readonly read = async (changes: number): Promise<Buffer[]> => {
    this.asked.push(changes);
    const answer: Buffer[] = [];
    for (const transaction of this.transactions) if (answer.length < changes) answer.push(...transaction);
    return Promise.resolve(answer);
  };
}

describe('the blocked transaction', () => {
  const applied = Array.from({ length: 50 }, (_, n) => [begin(BigInt(n)), insert(1), commit]);
  const blocked = [begin(0x1_0000_00aan), relation(7, 'users'), insert(7), insert(7), commit];

  it('is found behind any number of applied ones, with its end and its changes by table', async () => {
    const slot = new Slot([...applied, blocked, [begin(0x1_0000_00bbn), insert(7), commit]]);
    expect(await findBlocked(slot.read, '0/FF', 10)).toEqual({
      lsn: '1/AA',
      committedAt: new Date('2000-01-01T00:00:00Z'),
      tables: { users: 2 },
    });
    expect(slot.asked).toEqual([10, 40, 160]);
  });

  it('is none if all were applied, and the slot is read once more only when it was not read to its end', async () => {
    const slot = new Slot(applied);
    expect(await findBlocked(slot.read, '0/FF', 100)).toBeUndefined();
    expect(slot.asked).toEqual([100, 400]);
  });
});
