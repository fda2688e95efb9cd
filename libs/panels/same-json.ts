/** Whether both are the same JSON value. Members that are undefined count as absent. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other)) return false;
    return sameItems(one, other);
  }
  return sameMembers(one as Members, other as Members);
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let place = 0; place < one.length; place++) if (!sameJson(one[place], other[place])) return false;
  return true;
}

type Members = Record<string, unknown>;

/** Makes no lists of the members: it is called for each row that a tick may have changed. */
function sameMembers(one: Members, other: Members): boolean {
  let members = 0;
  for (const key in one) {
    if (!Object.hasOwn(one, key) || one[key] === undefined) continue;
    if (!Object.hasOwn(other, key) || !sameJson(one[key], other[key])) return false;
    members += 1;
  }
  for (const key in other) if (Object.hasOwn(other, key) && other[key] !== undefined) members -= 1;
  return members === 0;
}
