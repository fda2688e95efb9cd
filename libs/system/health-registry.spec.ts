import 'reflect-metadata';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { HealthRegistry } from './health-registry.js';

describe('Health', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('Health has the status of its worst check', async () => {
    const registry = new HealthRegistry();
    registry.register({ name: 'a', check: () => ({ status: 'up', open: 3 }) });
    registry.register({ name: 'b', check: async () => ({ status: 'degraded' }) });
    expect(await registry.report()).toEqual({
      status: 'degraded',
      checks: { a: { status: 'up', open: 3 }, b: { status: 'degraded' } },
    });
  });

  it('health is reported although one check never answers, which counts as down', async () => {
    const registry = new HealthRegistry();
    registry.register({ name: 'hung', check: () => new Promise(() => undefined) });
    registry.register({ name: 'fine', check: () => ({ status: 'up' }) });
    expect((await registry.report()).checks).toMatchObject({ hung: { status: 'down' }, fine: { status: 'up' } });
  });

  it('health is reported within 1 s although a check hangs', async () => {
    jest.useFakeTimers();
    try {
      const registry = new HealthRegistry();
      registry.register({ name: 'hung', check: () => new Promise(() => undefined) });
      let reported = false;
      void registry.report().then(() => (reported = true));
      await jest.advanceTimersByTimeAsync(900);
      expect(reported).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it('a check that hangs is not started again until it has ended, and the next report does not wait for it', async () => {
    jest.useFakeTimers();
    const registry = new HealthRegistry();
    const answer = Promise.withResolvers<{ status: 'up' }>();
    let asked = 0;
    registry.register({ name: 'hung', check: () => (asked++, answer.promise) });
    registry.register({ name: 'fine', check: () => ({ status: 'up' }) });
    const reported = async () => {
      const report = registry.report();
      await jest.advanceTimersByTimeAsync(1_000);
      return (await report).checks['hung'];
    };
    try {
      await reported();
      expect(await reported()).toMatchObject({ status: 'down' });
      expect(asked).toBe(1);
      answer.resolve({ status: 'up' });
      await jest.advanceTimersByTimeAsync(0);
      expect(await reported()).toEqual({ status: 'up' });
    } finally {
      jest.useRealTimers();
    }
    expect(asked).toBe(2);
  });

  it('a failed check is reported without the message of its error', async () => {
    const registry = new HealthRegistry();
    registry.register({
      name: 'sync',
      check: () => {
        throw new Error('10.0.0.7 refused');
      },
    });
    const report = await registry.report();
    expect(report.status).toBe('down');
    expect(JSON.stringify(report)).not.toContain('10.0.0.7');
  });

  it('Health runs each check once for probes that arrive together', async () => {
    const registry = new HealthRegistry();
    let asked = 0;
    registry.register({ name: 'a', check: () => (asked++, { status: 'up' }) });
    await Promise.all(Array.from({ length: 50 }, () => registry.report()));
    expect(asked).toBe(1);
  });
});
