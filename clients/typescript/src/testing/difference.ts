import type { PatchOperation } from '../live/patch.js';

/** The patch from one JSON value to another. Lists are replaced as a whole. */
export function difference(before: unknown, after: unknown, path = ''): PatchOperation[] {
  if (before === after) return [];
  if (!isObject(before) || !isObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ op: 'replace', path, value: after }];
  }
  const at = (name: string) => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return [
    ...gone.map((name): PatchOperation => ({ op: 'remove', path: at(name) })),
    ...Object.entries(after).flatMap(([name, value]): PatchOperation[] =>
      Object.hasOwn(before, name) ? difference(before[name], value, at(name)) : [{ op: 'add', path: at(name), value }],
    ),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
