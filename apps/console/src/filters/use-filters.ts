import { type UrlChange, useUrlParams } from '../ui/url-state.js';

/** The filters of a list, which live in the address. */
export interface Filters<One extends string, Many extends string> {
  one: Readonly<Record<One, string>>;
  many: Readonly<Record<Many, readonly string[]>>;
  /** The filters that are set. The address may hold anything: the desk refuses what it does not know. */
  query: Record<string, string | readonly string[]>;
  isFiltered: boolean;
  /** Sets some filters in one step, so that "back" undoes them together. An empty value removes a filter. */
  set: (change: Partial<Record<One, string> & Record<Many, readonly string[]>>) => void;
  clear: () => void;
}

/** Reads and writes the filters of these names. Other parts of the address stay. */
export function useFilters<One extends string, Many extends string = never>(
  ones: readonly One[],
  manys: readonly Many[] = [],
): Filters<One, Many> {
  const [given, change] = useUrlParams();
  const one = Object.fromEntries(ones.map((name) => [name, given.get(name) ?? ''])) as Record<One, string>;
  const many = Object.fromEntries(manys.map((name) => [name, given.getAll(name)])) as Record<Many, string[]>;
  const query = Object.fromEntries(
    Object.entries<string | readonly string[]>({ ...one, ...many }).filter(([, value]) => value.length > 0),
  );
  return {
    ...{ one, many, query, isFiltered: Object.keys(query).length > 0 },
    set: (values) => change(values as UrlChange),
    clear: () => change(Object.fromEntries([...ones, ...manys].map((name) => [name, '']))),
  };
}
