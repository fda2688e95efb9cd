interface HealthMinute {
  minute: string;
  sent: number;
  failed: number;
  latencyMsMean: number;
  latencyMsMax: number;
}

export interface HealthSeries {
  /** Unix time in seconds. */
  times: number[];
  delivered: number[];
  failed: number[];
  /** Null for a slot without an attempt. */
  meanMs: (number | null)[];
  maxMs: (number | null)[];
}

/** More slots than this are narrower than a pixel or two. */
const MOST_SLOTS = 180;
const MINUTE_S = 60;

/**
 * The attempts per slot of a span, the empty slots included, so that a gap shows as one. Long spans have slots of several
 * minutes: their mean is weighted by attempts.
 */
export function healthSeries(minutes: readonly HealthMinute[], spanMinutes: number, now: Date): HealthSeries {
  const slotMinutes = Math.ceil(spanMinutes / MOST_SLOTS);
  const slotS = slotMinutes * MINUTE_S;
  const count = Math.ceil(spanMinutes / slotMinutes);
  const last = Math.floor(now.getTime() / 1_000 / slotS) * slotS;
  const times = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * slotS);
  const slots = times.map(() => ({ sent: 0, failed: 0, sumMs: 0, maxMs: 0 }));
  for (const { minute, sent, failed, latencyMsMean, latencyMsMax } of minutes) {
    const slot = slots[Math.floor((Date.parse(minute) / 1_000 - times[0]!) / slotS)];
    if (slot === undefined) continue;
    slot.sent += sent;
    slot.failed += failed;
    slot.sumMs += latencyMsMean * sent;
    slot.maxMs = Math.max(slot.maxMs, latencyMsMax);
  }
  return {
    times,
    delivered: slots.map(({ sent, failed }) => sent - failed),
    failed: slots.map(({ failed }) => failed),
    meanMs: slots.map(({ sent, sumMs }) => (sent === 0 ? null : sumMs / sent)),
    maxMs: slots.map(({ sent, maxMs }) => (sent === 0 ? null : maxMs)),
  };
}
