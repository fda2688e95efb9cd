/** A step into a JSON value: a name, or the element of a list whose field has a value. */
type PathStep = string | { list: string; field: string; value: string };

/** Maximum number of steps of a path. Known masters need three. */
export const MAX_STEPS = 6;
const STEP = /([^.[\]]+)(?:\[([^=[\]]+)=([^[\]]*)\])?(?:\.|$)/gy;

/** The steps of `priceFilter.tickSize` or `filters[filterType=LOT_SIZE].stepSize`; undefined if it is no path. */
export function pathOf(column: string): PathStep[] | undefined {
  const steps: PathStep[] = [];
  let end = 0;
  for (const [whole, name, field, value] of column.matchAll(STEP)) {
    end += whole.length;
    steps.push(field === undefined ? name! : { list: name!, field, value: value! });
  }
  return end === column.length && steps.length > 0 && !column.endsWith('.') ? steps : undefined;
}

/** The value at a path, or undefined. Objects answer for their own names only, never for `constructor`. */
export function valueAt(object: object, path: readonly PathStep[]): unknown {
  let value: unknown = object;
  for (const step of path) {
    if (typeof step === 'string') {
      value = ownValue(value, step);
      continue;
    }
    const list = ownValue(value, step.list);
    if (!Array.isArray(list)) return undefined;
    value = list.find((element: unknown) => asText(ownValue(element, step.field)) === step.value);
  }
  return value;
}

function ownValue(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** A JSON value as the text of a cell. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean);
}
