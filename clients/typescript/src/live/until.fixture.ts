import type { Current, Live, LiveStatus, PanelName } from '../index.js';

/** The first value of a watch for which `test` holds. */
export function until<N extends PanelName>(live: Live<N>, test: (current: Current<N>) => boolean): Promise<Current<N>> {
  return new Promise((resolve) => {
    const stop = live.subscribe((current) => {
      if (!test(current)) return;
      queueMicrotask(() => stop());
      resolve(current);
    });
  });
}

export function untilStatus<N extends PanelName>(live: Live<N>, wanted: LiveStatus): Promise<Current<N>> {
  return until(live, ({ status }) => status === wanted);
}

/** A promise and the function that resolves it. The package itself runs in browsers that lack `Promise.withResolvers()`. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  return { promise: new Promise<void>((done) => (resolve = done)), resolve };
}
