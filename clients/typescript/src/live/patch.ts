/** An operation of RFC 6902, of the three kinds that the desk sends. */
export type PatchOperation = { op: 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

type Container = Record<string, unknown> | unknown[];

/**
 * Applies a patch without changing `document`. What the patch does not touch keeps its identity. Each object and list on the way to a
 * change is copied once for the whole patch, however many operations it has.
 * @throws Error if an operation does not fit the document
 */
export function applyPatch<T>(document: T, patch: readonly PatchOperation[]): T {
  const own = new Set<unknown>();
  const copy = (value: unknown, path: string): Container => {
    if (typeof value !== 'object' || value === null) throw new Error(`The document has no ${path}.`);
    if (own.has(value)) return value as Container;
    const copied: Container = Array.isArray(value) ? value.slice() : { ...value };
    own.add(copied);
    return copied;
  };
  const root = { document: document as unknown };
  for (const operation of patch) {
    const steps = ['document', ...stepsOf(operation.path)];
    let place: Container = root;
    for (let at = 0; at < steps.length - 1; at++) {
      const step = steps[at]!;
      if (!Object.hasOwn(place, step)) throw new Error(`The document has no ${operation.path}.`);
      const holder = place as Record<string, unknown>;
      place = holder[step] = copy(holder[step], operation.path);
    }
    if (Array.isArray(place)) changeList(place, steps.at(-1)!, operation);
    else changeObject(place, steps.at(-1)!, operation);
  }
  return root.document as T;
}

function stepsOf(path: string): string[] {
  const steps = path.split('/').slice(1);
  return path.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps;
}

function changeList(list: unknown[], step: string, operation: PatchOperation): void {
  const at = step === '-' ? list.length : Number(step);
  const end = operation.op === 'add' ? list.length : list.length - 1;
  if (!Number.isInteger(at) || at < 0 || at > end) throw new Error(`The document has no ${operation.path}.`);
  if (operation.op === 'add') list.splice(at, 0, operation.value);
  else if (operation.op === 'remove') list.splice(at, 1);
  else list[at] = operation.value;
}

function changeObject(object: Record<string, unknown>, step: string, operation: PatchOperation): void {
  if (step === '__proto__' || (operation.op !== 'add' && !Object.hasOwn(object, step)))
    throw new Error(`The document has no ${operation.path}.`);
  if (operation.op === 'remove') delete object[step];
  else object[step] = operation.value;
}
