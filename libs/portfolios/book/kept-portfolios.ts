import { getHeapStatistics } from 'node:v8';

/** A stored portfolio, by which it is decided whether its positions stay in memory. */
export interface PortfolioSize {
  id: string;
  userId: string;
  /** Number of different contracts in it. */
  contracts: number;
}

/** Bytes of the heap that a position takes which stays valued in memory, with its row. */
const POSITION_BYTES = 3_000;
/** Bytes of the heap that are not for positions: the young generation, and what a desk needs before it keeps one. */
const OWN_BYTES = (192 + 64) * 2 ** 20;
/** Shares are rounded down to a multiple of this, so that another position of one owner rarely displaces portfolios of others. */
const SHARE_STEP = 100;

/** Contracts that a process keeps valued in memory. Processes with the same heap show the same positions. */
export function keptContractsMax(heapPercent: number): number {
  const free = Math.max(0, getHeapStatistics().heap_size_limit - OWN_BYTES);
  return Math.round((free * heapPercent) / 100 / POSITION_BYTES);
}

/**
 * Contracts that each owner may keep so that all of them keep at most `max`: an equal share, and what smaller owners leave is for
 * the larger ones. It depends on the stored portfolios only, so that nobody takes the place of others. Infinity: all are kept.
 */
export function fairShare(contractsOfOwners: Iterable<number>, max: number): number {
  const owners = [...contractsOfOwners].sort((one, other) => one - other);
  let left = max;
  for (const [at, contracts] of owners.entries()) {
    const share = Math.floor(left / (owners.length - at));
    if (contracts > share) return share - (share % SHARE_STEP);
    left -= contracts;
  }
  return Infinity;
}

/** The portfolios of one owner whose positions are kept: in the order of their ids, as many as fit the share. */
export function keptOf(portfolios: readonly PortfolioSize[], share: number): Set<string> {
  const kept = new Set<string>();
  let room = share;
  for (const { id, contracts } of [...portfolios].sort((one, other) => (one.id < other.id ? -1 : 1))) {
    if (contracts > room) continue;
    room -= contracts;
    kept.add(id);
  }
  return kept;
}

/**
 * Portfolios of so many positions are read and valued at once: 3 MB, so that the garbage collector finds most of it dead. Groups of
 * 5,000 took 1 s of collections for 100,000 positions, up to 80 ms each.
 */
const POSITIONS_AT_ONCE = 1_000;

/** Groups portfolios that are read together; one that is larger than a group is a group of its own. */
export function groupsOf(portfolios: readonly PortfolioSize[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const { id, contracts } of portfolios) {
    // A portfolio without positions costs as much as one.
    const weight = contracts + 1;
    if (groups.length === 0 || weight > room) {
      groups.push([]);
      room = POSITIONS_AT_ONCE;
    }
    groups.at(-1)!.push(id);
    room -= weight;
  }
  return groups;
}
