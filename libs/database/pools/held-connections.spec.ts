import { Logger } from '@nestjs/common';
import { withCorrelation } from '#telemetry';
import { HeldConnections } from './held-connections.js';

const warned: Record<string, unknown>[] = [];
const quiet = { log() {}, error() {}, warn: (message: Record<string, unknown>) => void warned.push(message) };

describe('connections that are out', () => {
  beforeAll(() => Logger.overrideLogger(quiet));
  beforeEach(() => void (warned.length = 0));

  it('are one a context: a second throws where that is refused, and is counted', () => {
    const held = new HeldConnections(true);
    withCorrelation('r1', () => {
      const giveBack = held.take('app');
      expect(() => held.take('analytics')).toThrow(expect.objectContaining({ code: 'DATABASE_SECOND_CONNECTION' }));
      giveBack();
      held.take('analytics')();
    });
    expect(held.secondAcquisitions).toBe(1);
  });

  it('in production a second is given, counted, and logged with where it was asked for', () => {
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

  it('do not count for another context, nor outside of any', () => {
    const held = new HeldConnections(true);
    held.take('app');
    held.take('app');
    withCorrelation('r1', () => held.take('app'));
    withCorrelation('r2', () => held.take('app'));
    expect(held.secondAcquisitions).toBe(0);
  });

  it('given back twice count once', () => {
    const held = new HeldConnections(true);
    withCorrelation('r1', () => {
      const giveBack = held.take('app');
      giveBack();
      giveBack();
      held.take('app');
      expect(() => held.take('app')).toThrow();
    });
  });

  it('are named once when kept too long, with the correlation id of whoever keeps them', () => {
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
