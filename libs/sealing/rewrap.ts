import type { Sealer } from './sealer.js';

/** A stored value, as its store reads it. */
export interface SealedRow {
  id: string;
  sealed: string;
}

/** Where values of one kind are stored, for `deskwire secrets rewrap`. */
export interface SealedStore<Row extends SealedRow> {
  /** Shown to the operator, such as `webhook secrets`. */
  kind: string;
  /** Setting of the key that seals them. The setting of earlier keys is `<setting>S_PREVIOUS`. */
  setting: string;
  sealer: Pick<Sealer, 'keyIds'>;
  /** Rows in id order that another key than this one sealed. */
  sealedOtherwise(keyId: string, afterId: string | undefined, limit: number): Promise<Row[]>;
  /** Seals a value with the current key and stores it, unless the row has changed since. @returns whether it did */
  rewrapRow(row: Row): Promise<boolean>;
  /** The number of stored values of each key. */
  countByKey(): Promise<KeyCount[]>;
}

/** How many values a key sealed. */
export interface KeyCount {
  /** Id of the key, which is part of each value; empty for a value of another form. */
  keyId: string;
  count: number;
}

/** Stored values by key, and the keys that are configured. */
export interface SealedKind {
  kind: string;
  setting: string;
  /** Ids of the configured keys, the current one first. */
  keyIds: readonly string[];
  values: KeyCount[];
}

/** Result of a rewrap. */
export interface RewrappedKind extends SealedKind {
  /** Sealed again with the current key. */
  rewrapped: number;
  /** Sealed with the current key already. */
  current: number;
  /** Values that no configured key opens, which stay as they are. */
  failed: { id: string; keyId: string }[];
  /** Values that a running process still sealed with an earlier key in the last pass. */
  remaining: number;
}

const BATCH = 200;
/** Passes over values that processes seal with an earlier key meanwhile. */
const PASSES = 5;

/**
 * Seals every value with the current key, row by row and while the desk runs. Each row commits by itself, so a run that is
 * interrupted is continued by the next one, which reads only what is left. Several may run at once.
 */
export async function rewrapStored<Row extends SealedRow>(store: SealedStore<Row>): Promise<RewrappedKind> {
  const [current] = store.sealer.keyIds as [string];
  let rewrapped = 0;
  let failed: RewrappedKind['failed'] = [];
  for (let pass = 0, found = 1; found > 0 && pass < PASSES; pass += 1) {
    found = 0;
    failed = [];
    for (let last: string | undefined; ;) {
      const rows = await store.sealedOtherwise(current, last, BATCH);
      for (const row of rows) {
        try {
          if (await store.rewrapRow(row)) rewrapped += 1;
          found += 1;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'SEALING_CANNOT_OPEN') throw error;
          failed.push({ id: row.id, keyId: keyIdOf(row.sealed) });
        }
      }
      last = rows.at(-1)?.id;
      if (rows.length < BATCH) break;
    }
  }
  const counted = await countStored(store);
  const total = counted.values.reduce((sum, { count }) => sum + count, 0);
  const now = counted.values.find(({ keyId }) => keyId === current)?.count ?? 0;
  return {
    ...counted,
    rewrapped,
    current: Math.max(0, now - rewrapped),
    failed,
    remaining: Math.max(0, total - now - failed.length),
  };
}

/** The stored values of each key. Changes nothing. */
export async function countStored<Row extends SealedRow>(store: SealedStore<Row>): Promise<SealedKind> {
  const { kind, setting, sealer } = store;
  return { kind, setting, keyIds: sealer.keyIds, values: await store.countByKey() };
}

/** What a process that lacks a key should log when it starts, for each key that stored values need. */
export function missingKeys({ kind, setting, keyIds, values }: SealedKind): object[] {
  return values
    .filter(({ keyId }) => !keyIds.includes(keyId))
    .map(({ keyId, count }) => ({
      msg: `${count} ${kind} need the key ${keyId}, which is retired or was never configured. Add it to ${setting}S_PREVIOUS and run \`deskwire secrets rewrap\`.`,
      ...{ kind, keyId, count },
    }));
}

/** The id of the key that sealed a value, or an empty text. */
function keyIdOf(sealed: string): string {
  return sealed.split(':')[1] ?? '';
}
