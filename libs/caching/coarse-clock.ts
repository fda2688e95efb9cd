/** Resolution of the time of a cache in ms. Values are fresh for seconds. */
const RESOLUTION_MS = 2;

/**
 * Returns a clock in ms that is read at most once in the resolution and in a turn of the event loop, as that of lru-cache is
 * (`ttlResolution`). Date.now takes 40 ns, as long as the rest of a hit. It is never ahead of the real time.
 */
export function coarseClock(read: () => number = Date.now): () => number {
  let known: number | undefined;
  const forget = (): void => void (known = undefined);
  return () => {
    if (known === undefined) {
      known = read();
      setTimeout(forget, RESOLUTION_MS).unref();
    }
    return known;
  };
}
