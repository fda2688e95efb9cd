/**
 * Waits at most `ms` for `work`. The work goes on after that: give it a signal where it can be ended. An error it has later is ignored.
 * @param late gives the result when the time is up, or throws
 * @throws what `work` or `late` throws
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
