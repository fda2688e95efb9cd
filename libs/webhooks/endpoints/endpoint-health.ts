export const ENDPOINT_STATES = ['healthy', 'degraded', 'disabled'] as const;

/** healthy; degraded: too many attempts fail, all are made; disabled: what is meant for it is held. */
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** failing: by its attempts; gone: it answered 410; paused: by hand. */
export type StateReason = 'failing' | 'gone' | 'paused';

export interface EndpointHealth {
  state: EndpointState;
  reason: StateReason | null;
  /** Nothing but failures since. */
  failingSince: Date | null;
}

/** One attempt, as far as health goes. */
export interface HealthAttempt {
  at: Date;
  kind: 'delivered' | 'failed' | 'gone';
}

/** All attempts within the window, the new ones included. */
export interface HealthWindow {
  sent: number;
  failed: number;
}

export interface HealthOptions {
  minimumAttempts: number;
  degradedPercent: number;
  windowMs: number;
  disableAfterMs: number;
}

/**
 * What an endpoint is after some attempts, in their order. Retries are hours apart, so a quiet endpoint never has enough of them in
 * a window: nothing but failures for the length of the window is degraded too, and one success ends it.
 */
export function healthAfter(
  before: EndpointHealth,
  attempts: readonly HealthAttempt[],
  window: HealthWindow,
  options: HealthOptions,
  now: Date,
): EndpointHealth {
  const failingSince = failingAfter(before.failingSince, attempts);
  const succeeded = attempts.some(({ kind }) => kind === 'delivered');
  const said = attempts.at(-1)?.kind;
  if (before.state === 'disabled') {
    // A pause is ended by hand, and whoever said "gone" meant it; an attempt that was under way changes neither.
    const back = before.reason === 'failing' && succeeded && said !== 'gone';
    return back ? { state: 'healthy', reason: null, failingSince } : { ...before, failingSince };
  }
  if (said === 'gone') return { state: 'disabled', reason: 'gone', failingSince };
  const failingMs = failingSince === null ? 0 : now.getTime() - failingSince.getTime();
  if (failingMs >= options.disableAfterMs) return { state: 'disabled', reason: 'failing', failingSince };
  const judged = window.sent >= options.minimumAttempts;
  const poor = judged && (window.sent - window.failed) * 100 < window.sent * options.degradedPercent;
  if (poor || failingMs >= options.windowMs) return { state: 'degraded', reason: 'failing', failingSince };
  // Too few to judge by: what it was stays until something succeeds.
  if (before.state === 'degraded' && !judged && !succeeded) return { ...before, failingSince };
  return { state: 'healthy', reason: null, failingSince };
}

function failingAfter(before: Date | null, attempts: readonly HealthAttempt[]): Date | null {
  let since = before;
  for (const { kind, at } of attempts) since = kind === 'delivered' ? null : (since ?? at);
  return since;
}
