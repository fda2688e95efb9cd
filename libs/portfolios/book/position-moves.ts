import type { PositionRow } from './position-row.js';

/** Rows that went and rows that came. */
export interface Move {
  removed: PositionRow[];
  added: PositionRow[];
}

/** The rows that a change has replaced, of all and of each owner. */
export class Moves {
  readonly all: Move = { removed: [], added: [] };
  readonly byOwner = new Map<string, Move>();

  add(old: PositionRow | undefined, now: PositionRow | undefined): void {
    if (old !== undefined) {
      this.all.removed.push(old);
      this.of(old.userId).removed.push(old);
    }
    if (now !== undefined) {
      this.all.added.push(now);
      this.of(now.userId).added.push(now);
    }
  }

  private of(owner: string): Move {
    let move = this.byOwner.get(owner);
    if (move === undefined) this.byOwner.set(owner, (move = { removed: [], added: [] }));
    return move;
  }
}
