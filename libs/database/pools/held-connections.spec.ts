import { Logger } from '@nestjs/common';
import { withCorrelation } from '#telemetry';
import { HeldConnections } from './held-connections.js';

const warned: Record<string, unknown>[] = [];
const quiet = { log() {}, error() {}, warn: (message: Record<string, unknown>) => void warned.push(message) };

describe('acquired connections', () => {
  beforeAll(() => Logger.overrideLogger(quiet));
  beforeEach(() => void (warned.length = 0));

  it('a second connection in one context is counted, and refused where that is configured', () => {
    const held = new HeldConnections(true);
    withCorrelation('r1', () => {
      const giveBack = held.take('app');
      expect(() => held.take('analytics')).toThrow(expect.objectContaining({ code: 'DATABASE_SECOND_CONNECTION' }));
      giveBack();
      held.take('analytics')();
    });
    expect(held.secondAcquisitions).toBe(1);
  });

  it('in production a second connection in one context is granted, counted and logged with its stack', () => {
    const held = new HeldConnections(false);
    withCorrelation('r1', () => {
      held.take('app');
      held.take('app');
    });
    expect(held.secondAcquisitions).toBe(1);
    expect(warned).toEqual([
      expect.objectContaining({ pool: 'app', stack: expect.stringContaining('held-connections.spec') }),
    ]);
  });

  it('connections of other contexts, or of none, are not counted as a second one', () => {
    const held = new HeldConnections(true);
    held.take('app');
    held.take('app');
    withCorrelation('r1', () => held.take('app'));
    withCorrelation('r2', () => held.take('app'));
    expect(held.secondAcquisitions).toBe(0);
  });

  it('a connection that is released twice is counted once', () => {
    const held = new HeldConnections(true);
    withCorrelation('r1', () => {
      const giveBack = held.take('app');
      giveBack();
      giveBack();
      held.take('app');
      expect(() => held.take('app')).toThrow();
    });
  });

  it('a connection that is held too long is logged once with the correlation id of its context', () => {
    const held = new HeldConnections(true);
    const giveBack = withCorrelation('slow-request', () => held.take('app'));
    withCorrelation('quick-request', () => held.take('app'))();
    const now = Date.now();
    held.reportLongHeld(30_000, now + 29_000);
    expect(warned).toEqual([]);
    held.reportLongHeld(30_000, now + 31_000);
    held.reportLongHeld(30_000, now + 61_000);
    expect(warned).toEqual([expect.objectContaining({ pool: 'app', correlationId: 'slow-request' })]);
    expect(held.heldTooLong).toBe(1);
    giveBack();
    held.reportLongHeld(30_000, now + 99_000);
    expect(held.heldTooLong).toBe(1);
  });
});
