/**
 * Waits at most `ms` for `work`. The work itself continues after that: pass it a signal to end it. A later error of it is ignored.
 * @param late returns the result at the timeout, or throws
 * @throws the error of `work` or `late`
 * @example
 * ```ts
 * const report = await withTimeout(check(), 1_000, () => ({ status: 'down' }));
 * await withTimeout(read, idleMs, () => {
 *   throw sourceStalled(idleMs);
 * });
 * ```
 */
export async function withTimeout<T, L>(work: Promise<T>, ms: number, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<true>((resolve) => (timer = setTimeout(resolve, ms, true)));
  try {
    return await Promise.race([work, timeUp.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
