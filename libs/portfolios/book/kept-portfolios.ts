/** A stored portfolio, by which it is decided whether its positions stay in memory. */
export interface PortfolioSize {
  id: string;
  userId: string;
  /** Number of different contracts in it. */
  contracts: number;
}

/**
 * Positions of one owner that stay valued in memory, with some 3 kB each. The rule depends on the database only, so that all
 * processes show the same positions, and it is each owner's own, so that nobody takes the place of others.
 */
export const KEPT_POSITIONS_MAX = 2_000;

/** The portfolios of one owner whose positions are kept: in the order of their ids, as many as fit. */
export function keptOf(portfolios: readonly PortfolioSize[]): Set<string> {
  const kept = new Set<string>();
  let room = KEPT_POSITIONS_MAX;
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
