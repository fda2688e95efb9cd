import { logPosition } from './replica-lag.js';

/** What the primary says of itself. `lsn`: end of its log on disk. */
export interface PrimaryFacts {
  system: string;
  timeline: number;
  lsn: string;
  /** Position up to which each active logical slot of this database is confirmed. */
  slots: Readonly<Record<string, string | null>>;
}

/** What a replica says of itself. */
export interface ReplicaFacts {
  system: string;
  recovering: boolean;
  /** Last record of the log that a standby has replayed. */
  replayed: string | null;
  /** Timeline of the log that a standby receives. Null while it receives none. */
  timeline: number | null;
  /** Enabled subscriptions of this database, with the position up to which each is applied. */
  subscriptions: readonly { slot: string | null; applied: string | null }[];
  /** Tables that a subscription keeps up to date, after their first copy. */
  tables: readonly string[];
}

export type ReplicaKind = 'physical' | 'logical';

/** `position`: every commit up to here is in the replica. Null if that cannot be said now. */
export type ReplicaReading = { kind: ReplicaKind; position: bigint | null } | { kind: 'foreign'; reason: string };

/**
 * What kind of replica this is, and which position of the primary's log it has applied. A position of another timeline is
 * no measurement: after a failover the old primary's log may be longer than the new one's.
 */
export function replicaReadingOf(primary: PrimaryFacts, replica: ReplicaFacts): ReplicaReading {
  if (replica.system === primary.system) {
    if (!replica.recovering) return { kind: 'foreign', reason: 'it is the primary itself, or a promoted standby' };
    const same = replica.timeline === primary.timeline && replica.replayed !== null;
    return { kind: 'physical', position: same ? logPosition(replica.replayed!) : null };
  }
  if (replica.recovering) return { kind: 'foreign', reason: 'it is a standby of another server' };
  if (replica.subscriptions.length === 0) return { kind: 'foreign', reason: 'it subscribes to nothing' };
  const positions = replica.subscriptions.map(({ slot, applied }) => {
    const confirmed = slot === null ? undefined : primary.slots[slot];
    if (confirmed === undefined) return null; // no active slot here: it does not follow this primary now
    return [applied, confirmed].reduce<bigint | null>((newest, lsn) => {
      const position = lsn === null ? null : logPosition(lsn);
      return newest === null || (position !== null && position > newest) ? position : newest;
    }, null);
  });
  const known = positions.filter((position) => position !== null);
  if (known.length < positions.length) return { kind: 'logical', position: null };
  return { kind: 'logical', position: known.reduce((oldest, position) => (position < oldest ? position : oldest)) };
}
