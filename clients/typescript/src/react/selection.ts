/**
 * Returns a function that selects a part of a value and gives the part before if both are equal, so that a selector may build a new
 * object or list each time. Compares one level deep.
 */
export function selection<Value, Part>(): (value: Value, select?: (value: Value) => Part) => Value | Part {
  let last: { value: Value; select: ((value: Value) => Part) | undefined; part: Value | Part } | undefined;
  return (value, select) => {
    if (last?.value === value && last.select === select) return last.part;
    const part = select === undefined ? value : select(value);
    last = { value, select, part: last !== undefined && shallowEqual(last.part, part) ? last.part : part };
    return last.part;
  };
}

function shallowEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && Object.is(left[name], right[name]))
  );
}
