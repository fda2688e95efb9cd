import type { Combination, InstrumentFilter } from '../catalogue/instrument-filter.js';
import type { FacetsView } from './instrument-facets.dto.js';

const FACETS = ['broker', 'exchange', 'segment', 'type', 'expiry'] as const;
const MOST_FACET_VALUES = 50;

/** The values of each facet with their numbers of contracts: the most frequent first, expiries by day. Blank values are left out. */
export function facetsOf(combinations: readonly Combination[]): FacetsView['facets'] {
  const facets = FACETS.map((facet) => {
    const counts = new Map<string, number>();
    for (const { [facet]: value, count } of combinations)
      if (value) counts.set(value, (counts.get(value) ?? 0) + count);
    const values = [...counts].map(([value, count]) => ({ value, count }));
    values.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1));
    const shown = values.slice(0, MOST_FACET_VALUES);
    if (facet === 'expiry') shown.sort((one, other) => (one.value < other.value ? -1 : 1));
    return [facet, shown] as const;
  });
  return Object.fromEntries(facets) as FacetsView['facets'];
}

/** Whether a combination meets the filters that are about it. */
export function isWithin(filter: InstrumentFilter): (combination: Combination) => boolean {
  const { expiry, expiryFrom = expiry, expiryTo = expiry } = filter;
  const equal = (['broker', 'exchange', 'segment', 'type'] as const).filter((field) => filter[field] !== undefined);
  return (combination) =>
    equal.every((field) => combination[field] === filter[field]) &&
    [expiry, expiryFrom, expiryTo].every((day) => day === undefined || combination.expiry !== null) &&
    (expiry === undefined || combination.expiry === expiry) &&
    (expiryFrom === undefined || combination.expiry! >= expiryFrom) &&
    (expiryTo === undefined || combination.expiry! <= expiryTo);
}
