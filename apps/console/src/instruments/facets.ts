/** Filters of the search, as the address has them. Empty texts are not sent. */
export interface InstrumentFilter {
  query: string;
  broker: string;
  exchange: string;
  segment: string;
  type: string;
  underlying: string;
  expiryFrom: string;
  expiryTo: string;
  strikeFrom: string;
  strikeTo: string;
  delisted: string;
}

export const FACETS = ['broker', 'exchange', 'segment', 'type', 'expiry'] as const;
type Facet = (typeof FACETS)[number];

type FacetValues = readonly { value: string; count: number }[];

const SHOWN = 12;

/** The values to choose from. A facet with one value divides nothing and is left out. */
export function choicesOf(facets: Readonly<Record<Facet, FacetValues>>): { facet: Facet; values: FacetValues }[] {
  return FACETS.map((facet) => ({ facet, values: facets[facet].slice(0, SHOWN) })).filter(
    ({ values }) => values.length > 1,
  );
}

/** The query of GET /v1/instruments, or the reason why the desk would refuse it. */
export function instrumentQuery(filter: InstrumentFilter): { query: Record<string, string> } | { issue: string } {
  for (const [name, day] of [
    ['from', filter.expiryFrom],
    ['to', filter.expiryTo],
  ])
    if (day !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(day!))
      return { issue: `Write the day of expiries ${name} such as 2026-12-31.` };
  for (const strike of [filter.strikeFrom, filter.strikeTo])
    if (strike !== '' && !/^-?\d+(\.\d+)?$/.test(strike)) return { issue: 'Write a strike such as 26000 or 100.5.' };
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(filter) as [string, string][])
    if (value.trim() !== '') query[name] = value.trim();
  return { query };
}
