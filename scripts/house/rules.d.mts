import type { Source } from './sources.mjs';

/** One figure: its worst value, its limit, and what breaks the rule. */
export interface Figure {
  name: string;
  value: string;
  limit: string;
  breaches: string[];
}

export function measureHouse(root: string): Figure[];
export function publicNames(entry: Source, byPath: ReadonlyMap<string, Source>): string[];
