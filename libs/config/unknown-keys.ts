import type { ConfigProblem } from './config-error.js';
import type { ConfigSlice } from './config-slice.js';
import type { Environment, Setting } from './setting.js';

/** Prefixes that other programs use too, although a key of ours begins with one. */
const SHARED_PREFIXES = new Set(['NODE', 'API']);

/** Keys with a prefix of ours that others set: proxies, Kubernetes service links, our own test set-up. */
const FOREIGN = [
  /^HTTP_PROXY$/,
  /_SERVICE_(HOST|PORT)(_|$)/,
  /_PORT(_\d+_(TCP|UDP)(_|$)|$)/,
  /^DESKWIRE_(DATA_DIR$|TEST_)/,
];

/**
 * Finds unknown keys with the prefix of a setting: misspelled, renamed or removed. Never shows their values, because
 * one may be a secret under a wrong name.
 */
export function unknownKeys(slices: readonly ConfigSlice[], environment: Environment): ConfigProblem[] {
  const settings = slices.flatMap((slice) => Object.values(slice.settings));
  const known = new Set(settings.map(({ key }) => key));
  const renamed = new Map(settings.flatMap((setting) => setting.formerly.map((key) => [key, setting] as const)));
  const prefixes = new Set(
    [...slices.map(({ name }) => name.toUpperCase()), ...known]
      .map(prefixOf)
      .filter((one) => !SHARED_PREFIXES.has(one)),
  );
  const isOurs = (key: string) =>
    renamed.has(key) || (key.includes('_') && prefixes.has(prefixOf(key)) && !FOREIGN.some((name) => name.test(key)));
  return Object.keys(environment)
    .filter((key) => environment[key] && !known.has(key) && isOurs(key))
    .map((key) => ({ key, seen: 'no such setting', expected: advice(key, renamed.get(key), known) }));
}

function advice(key: string, renamed: Setting<unknown> | undefined, known: ReadonlySet<string>): string {
  if (renamed) return `renamed to ${renamed.key}${renamed.unit ? `, ${renamed.unit.example}` : ''}`;
  const close = closest(key, known);
  return close ? `did you mean ${close}?` : 'remove it; `deskwire config example` lists every setting';
}

/** The key that differs by at most a third of its letters, or that only adds or lacks words at the end. */
function closest(key: string, known: ReadonlySet<string>): string | undefined {
  const ranked = [...known]
    .map((candidate) => ({ candidate, distance: editDistance(key, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const near = ranked[0];
  if (near && near.distance <= key.length / 3) return near.candidate;
  return ranked.find(({ candidate }) => key.startsWith(`${candidate}_`) || candidate.startsWith(`${key}_`))?.candidate;
}

function prefixOf(key: string): string {
  return key.split('_', 1)[0]!;
}

/** Levenshtein's distance: insertions, deletions and replacements of one letter. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
