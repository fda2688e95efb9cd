import { logPosition, ReplicaLag } from './replica-lag.js';

describe('the lag of a replica', () => {
  it('a position of the log is compared as a 64-bit number, not as text', () => {
    expect(logPosition('16/B374D848')).toBe(0x16b374d848n);
    expect(logPosition('9/FFFFFFFF') < logPosition('10/0')).toBe(true);
  });

  it('a replica is of unknown age until it has applied a position that the primary reported', () => {
    const lag = new ReplicaLag();
    lag.applied(500n);
    expect(lag.stalenessMs(1_000)).toBe(Infinity);
    lag.asked(600n, 1_000);
    lag.applied(599n);
    expect(lag.stalenessMs(1_100)).toBe(Infinity);
    lag.applied(600n);
    expect(lag.stalenessMs(1_100)).toBe(100);
  });

  it('an idle primary does not make its replica older than the last question', () => {
    const lag = new ReplicaLag();
    for (let at = 0; at <= 10_000; at += 500) {
      lag.asked(600n, at);
      lag.applied(600n);
    }
    expect(lag.stalenessMs(10_200)).toBe(200);
  });

  it('a replica that applies nothing ages with the time, and is as old as its newest applied position afterwards', () => {
    const lag = new ReplicaLag();
    lag.asked(100n, 0);
    lag.applied(100n);
    for (let second = 1; second <= 60; second++) {
      lag.asked(100n + BigInt(second), second * 1_000);
      lag.applied(100n);
    }
    expect(lag.stalenessMs(60_000)).toBe(60_000);
    lag.applied(140n);
    expect(lag.stalenessMs(60_000)).toBe(20_000);
  });

  it('a replica that is late for hours is never measured as newer than it is', () => {
    const lag = new ReplicaLag();
    lag.asked(0n, 0);
    lag.applied(0n);
    for (let second = 1; second <= 10_000; second++) lag.asked(BigInt(second), second * 1_000);
    for (const applied of [1n, 500n, 5_000n, 9_999n]) {
      lag.applied(applied);
      expect(lag.stalenessMs(10_000_000)).toBeGreaterThanOrEqual(10_000_000 - Number(applied) * 1_000);
    }
    lag.applied(10_000n);
    expect(lag.stalenessMs(10_000_000)).toBe(0);
  });

  it('nothing that was measured of another server counts', () => {
    const lag = new ReplicaLag();
    lag.asked(5n, 0);
    lag.forget();
    lag.applied(9n);
    expect(lag.stalenessMs(1)).toBe(Infinity);
  });
});
