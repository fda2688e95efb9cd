export const ENDPOINT_STATES = ['healthy', 'degraded', 'disabled'] as const;

/** degraded: too many attempts fail, but messages are sent. disabled: deliveries are held. */
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** failing: by failed attempts. gone: it answered 410, or that it will never take a message again. paused: by its owner. */
export type StateReason = 'failing' | 'gone' | 'paused';

export interface EndpointHealth {
  state: EndpointState;
  reason: StateReason | null;
  /** Time of the first failure since the last success. */
  failingSince: Date | null;
}

/** The part of an attempt that health depends on. */
export interface HealthAttempt {
  at: Date;
  kind: 'delivered' | 'failed' | 'gone';
}

/** All attempts in the window, including the new ones. */
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
 * Returns the health of an endpoint after some attempts, in order. Retries are hours apart, so a quiet endpoint never has enough
 * attempts in a window. Only failures for the length of the window are therefore degraded, too. One success ends that.
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
    // A pause and a 410 end manually only. An attempt that was under way changes neither.
    const back = before.reason === 'failing' && succeeded && said !== 'gone';
    return back ? { state: 'healthy', reason: null, failingSince } : { ...before, failingSince };
  }
  if (said === 'gone') return { state: 'disabled', reason: 'gone', failingSince };
  const failingMs = failingSince === null ? 0 : now.getTime() - failingSince.getTime();
  if (failingMs >= options.disableAfterMs) return { state: 'disabled', reason: 'failing', failingSince };
  const judged = window.sent >= options.minimumAttempts;
  const poor = judged && (window.sent - window.failed) * 100 < window.sent * options.degradedPercent;
  if (poor || failingMs >= options.windowMs) return { state: 'degraded', reason: 'failing', failingSince };
  // Too few attempts: the state stays until one succeeds.
  if (before.state === 'degraded' && !judged && !succeeded) return { ...before, failingSince };
  return { state: 'healthy', reason: null, failingSince };
}

function failingAfter(before: Date | null, attempts: readonly HealthAttempt[]): Date | null {
  let since = before;
  for (const { kind, at } of attempts) since = kind === 'delivered' ? null : (since ?? at);
  return since;
}
