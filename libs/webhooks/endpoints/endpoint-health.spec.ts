import { type EndpointHealth, healthAfter, type HealthAttempt, type HealthOptions } from './endpoint-health.js';

const HOUR = 3_600_000;
const OPTIONS: HealthOptions = {
  minimumAttempts: 10,
  degradedPercent: 90,
  windowMs: 600_000,
  disableAfterMs: 120 * HOUR,
};
const NOW = new Date('2026-08-17T10:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const HEALTHY: EndpointHealth = { state: 'healthy', reason: null, failingSince: null };
const ok: HealthAttempt = { at: NOW, kind: 'delivered' };
const bad: HealthAttempt = { at: NOW, kind: 'failed' };
const gone: HealthAttempt = { at: NOW, kind: 'gone' };
const few = { sent: 1, failed: 0 };
const after = (before: EndpointHealth, attempts: HealthAttempt[], window = few) =>
  healthAfter(before, attempts, window, OPTIONS, NOW);

describe('the health of an endpoint', () => {
  it('the health of an endpoint is degraded below 90 % success of at least 10 attempts', () => {
    expect(after(HEALTHY, [bad], { sent: 10, failed: 1 }).state).toBe('healthy');
    expect(after(HEALTHY, [bad], { sent: 10, failed: 2 })).toMatchObject({ state: 'degraded', reason: 'failing' });
    expect(after(HEALTHY, [bad], { sent: 9, failed: 9 }).state).toBe('healthy');
  });

  it('the health of an endpoint is degraded by failures only over the whole window, also if they are few', () => {
    expect(after({ ...HEALTHY, failingSince: ago(599_999) }, [bad]).state).toBe('healthy');
    expect(after({ ...HEALTHY, failingSince: ago(600_000) }, [bad]).state).toBe('degraded');
  });

  it('recovers from degraded by its ratio, or by one success if there are too few attempts', () => {
    const degraded: EndpointHealth = { state: 'degraded', reason: 'failing', failingSince: ago(900_000) };
    expect(after(degraded, [ok], { sent: 2, failed: 1 })).toEqual(HEALTHY);
    expect(after(degraded, [ok], { sent: 20, failed: 10 })).toEqual({
      state: 'degraded',
      reason: 'failing',
      failingSince: null,
    });
    expect(after(degraded, [ok], { sent: 20, failed: 2 })).toEqual(HEALTHY);
    expect(after({ ...degraded, failingSince: null }, [bad], { sent: 1, failed: 1 }).state).toBe('degraded');
  });

  it('the health of an endpoint is disabled after 120 hours of failures only, and not before', () => {
    expect(after({ ...HEALTHY, failingSince: ago(120 * HOUR - 1) }, [bad]).state).toBe('degraded');
    expect(after({ ...HEALTHY, failingSince: ago(120 * HOUR) }, [bad])).toEqual({
      state: 'disabled',
      reason: 'failing',
      failingSince: ago(120 * HOUR),
    });
  });

  it('the health of an endpoint counts the 120 hours again after one success', () => {
    const long = { ...HEALTHY, failingSince: ago(200 * HOUR) };
    expect(after(long, [bad, ok])).toEqual(HEALTHY);
    expect(after(long, [ok, bad])).toEqual({ ...HEALTHY, failingSince: NOW });
  });

  it('the health of an endpoint is disabled at once by 410', () => {
    expect(after(HEALTHY, [ok, gone])).toEqual({ state: 'disabled', reason: 'gone', failingSince: NOW });
    expect(after({ state: 'degraded', reason: 'failing', failingSince: null }, [gone])).toMatchObject({
      state: 'disabled',
      reason: 'gone',
    });
  });

  it('recovers from failing by one success, and from a pause or 410 only manually', () => {
    const disabled = (reason: 'failing' | 'gone' | 'paused'): EndpointHealth => ({
      state: 'disabled',
      reason,
      failingSince: ago(HOUR),
    });
    expect(after(disabled('failing'), [ok])).toEqual(HEALTHY);
    expect(after(disabled('failing'), [bad])).toEqual(disabled('failing'));
    expect(after(disabled('failing'), [gone]).state).toBe('disabled');
    for (const reason of ['gone', 'paused'] as const)
      expect(after(disabled(reason), [ok])).toMatchObject({ state: 'disabled', reason });
  });
});
