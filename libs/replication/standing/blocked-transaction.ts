/** The transaction that the secondary could not apply. */
export interface BlockedTransaction {
  /** Where it ends: the position for ALTER SUBSCRIPTION .. SKIP. */
  lsn: string;
  committedAt: Date;
  /** Number of changes by table. */
  tables: Record<string, number>;
}

/** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_US = 946_684_800_000_000n;

/** Number of changes that are read first. */
const FIRST_CHANGES = 10_000;

/**
 * Finds the transaction that the secondary could not apply. Reads ever more changes until it is among them: any number of
 * applied ones may stand before it.
 * @param read the first messages of the slot: at least so many changes, up to the end of a transaction
 */
export async function findBlocked(
  read: (changes: number) => Promise<readonly Buffer[]>,
  appliedUpTo: string | null,
  first = FIRST_CHANGES,
): Promise<BlockedTransaction | undefined> {
  for (let changes = first; ; changes *= 4) {
    const messages = await read(changes);
    const blocked = blockedTransaction(messages, appliedUpTo);
    if (blocked !== undefined || messages.length < changes) return blocked;
  }
}

/**
 * Reads the first transaction that was not applied from messages of pgoutput (protocol version 1): Begin, Relation,
 * Insert/Update/Delete/Truncate, Commit.
 * @param appliedUpTo up to where the secondary has applied; earlier transactions only wait for confirmation
 */
function blockedTransaction(messages: readonly Buffer[], appliedUpTo: string | null): BlockedTransaction | undefined {
  const applied = appliedUpTo === null ? 0n : numberOf(appliedUpTo);
  const names = new Map<number, string>();
  let open: BlockedTransaction | undefined;
  for (const message of messages) {
    const type = String.fromCharCode(message[0]!);
    if (type === 'R') names.set(message.readUInt32BE(1), relationName(message));
    else if (type === 'B' && message.readBigUInt64BE(1) >= applied)
      open = {
        lsn: textOf(message.readBigUInt64BE(1)),
        committedAt: new Date(Number((message.readBigInt64BE(9) + EPOCH_US) / 1000n)),
        tables: {},
      };
    else if (type === 'C' && open) return open;
    else if (open && 'IUD'.includes(type)) {
      const table = names.get(message.readUInt32BE(1)) ?? 'unknown';
      open.tables[table] = (open.tables[table] ?? 0) + 1;
    }
  }
  return open;
}

/** Type, id, schema and name; texts end with a zero byte. */
function relationName(message: Buffer): string {
  const schemaEnd = message.indexOf(0, 5);
  return message.toString('utf8', schemaEnd + 1, message.indexOf(0, schemaEnd + 1));
}

function numberOf(lsn: string): bigint {
  const [high, low] = lsn.split('/').map((part) => BigInt(`0x${part}`)) as [bigint, bigint];
  return (high << 32n) + low;
}

function textOf(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();
}
