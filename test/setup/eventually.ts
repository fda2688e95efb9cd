/**
 * Waits until `check` no longer throws, and returns its value. For states that have no event to await.
 * `timeoutMs` only guards against hanging: after it, throws the last error of `check`.
 */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 120_000): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
