/** Anything with a `close` that a suite must call. */
interface Closable {
  close(): Promise<void>;
}

/** Shared with `jest/environment.mjs`, which closes what a suite left here. */
const opened: Set<Closable> = ((globalThis as any)[Symbol.for('deskwire.opened')] ??= new Set());

/**
 * Remembers a desk or module until it is closed. A test that fails before its own `close()` would leave it to the suites
 * that share the worker, and fail them, too.
 */
export function opening<T extends Closable>(it: T): T {
  const { close } = it;
  it.close = async () => {
    opened.delete(it);
    await close.call(it);
  };
  opened.add(it);
  return it;
}
