const POINTER = 8;
const OBJECT = 56;
const CHARACTER = 2;

/**
 * Freezes plain objects and arrays deeply, because callers share cached values, and estimates their size in bytes,
 * rather too high. Stops counting beyond `enough`. Takes 3 ms for 0.9 MB of JSON in 5,000 items, once per load.
 * Iterative, because a value with 10,000 levels overflows the stack.
 */
export function frozenSize(root: unknown, enough = Infinity): number {
  const seen = new Set<object>();
  const open: unknown[] = [root];
  let bytes = OBJECT;
  while (open.length > 0 && bytes <= enough) {
    const value = open.pop();
    bytes += POINTER;
    if (typeof value === 'string') bytes += 16 + value.length * CHARACTER;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    bytes += OBJECT;
    if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else if (value instanceof Map) for (const [key, item] of value) open.push(key, item);
    else if (value instanceof Set) for (const item of value) open.push(item);
    else {
      if (isPlain(value)) Object.freeze(value);
      for (const item of Object.values(value)) open.push(item);
    }
  }
  return bytes;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
