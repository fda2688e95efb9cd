import { afterAttempts, type LaneCircuit, PROBE_EVERY_MS } from './lane-circuit.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);
const fresh: LaneCircuit = { state: 'closed', since: at(0), probeAt: null, failuresInRow: 0, proven: false };
const ok = { delivered: 1, failed: 0 };
const bad = { delivered: 0, failed: 1 };

/** The circuit after these outcomes, one by one, all within the window. */
function live(attempts: readonly (typeof ok)[], from = fresh): LaneCircuit {
  const recent = { delivered: 0, failed: 0 };
  return attempts.reduce((circuit, batch, second) => {
    recent.delivered += batch.delivered;
    recent.failed += batch.failed;
    return afterAttempts(circuit, batch, recent, at(second));
  }, from);
}

const times = <T>(n: number, what: T): T[] => Array.from({ length: n }, () => what);

describe("a lane's circuit", () => {
  it("a lane's circuit opens at the tenth failure of an endpoint that never answers", () => {
    expect(live(times(9, bad)).state).toBe('closed');
    expect(live(times(10, bad))).toMatchObject({ state: 'open', probeAt: at(9 + PROBE_EVERY_MS / 1_000) });
  });

  it("a lane's circuit opens at 70 % failures of at least ten", () => {
    expect(live([...times(3, ok), ...times(6, bad)]).state).toBe('closed');
    expect(live([...times(3, ok), ...times(7, bad)]).state).toBe('open');
    expect(live([...times(4, ok), ...times(6, bad)]).state).toBe('closed');
  });

  it("a lane's circuit opens after ten failures in a row, also after many successes", () => {
    expect(live([...times(500, ok), ...times(9, bad)]).state).toBe('closed');
    expect(live([...times(500, ok), ...times(10, bad)]).state).toBe('open');
  });

  it("a lane's circuit stays closed while an endpoint fails now and then", () => {
    const some = Array.from({ length: 300 }, (_, n) => (n % 3 === 0 ? bad : ok));
    expect(live(some)).toMatchObject({ state: 'closed', proven: true });
  });

  it("a lane's circuit closes at the first success, and forgets earlier failures", () => {
    const open = live(times(10, bad));
    const halfOpen: LaneCircuit = { ...open, state: 'half-open' };
    expect(afterAttempts(halfOpen, ok, { delivered: 1, failed: 10 }, at(60))).toEqual({
      state: 'closed',
      since: at(60),
      probeAt: null,
      failuresInRow: 0,
      proven: true,
    });
  });

  it("a lane's circuit waits another 30 s after a failed probe", () => {
    const open = live(times(10, bad));
    expect(afterAttempts({ ...open, state: 'half-open' }, bad, bad, at(45))).toMatchObject({
      state: 'open',
      probeAt: at(75),
    });
  });

  it("a lane's circuit does not postpone the probe for attempts that began before it opened", () => {
    const open = live(times(10, bad));
    expect(afterAttempts(open, bad, bad, at(20)).probeAt).toEqual(open.probeAt);
  });
});
