import { instant } from '../instant.js';
import type { Snapshot } from './snapshot.dto.js';

/** A snapshot as it goes to the database: its owner decided, its time in UTC with microseconds. */
export interface PreparedSnapshot extends Omit<Snapshot, 'userId'> {
  userId: string;
}

export function prepared(snapshot: Snapshot, callerId: string): PreparedSnapshot {
  return { ...snapshot, userId: snapshot.userId ?? callerId, asOf: instant(snapshot.asOf) };
}
