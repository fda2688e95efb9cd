import { LeaseTerm } from './lease-term.js';

describe('the lease of a sending process', () => {
  it('covers a delivery from the time at which the claim was requested', () => {
    const term = new LeaseTerm(20_000);
    expect(term.left(1_000, 1_000)).toBe(20_000);
    expect(term.left(1_000, 6_000)).toBe(15_000);
    expect(term.left(1_000, 22_000)).toBe(-1_000);
  });

  it('the lease of a sending process is extended for earlier claims by each renewal, from the time at which the renewal was requested', () => {
    const term = new LeaseTerm(20_000);
    expect(term.renew(0, 5)).toBe(false);
    expect(term.renew(6_000, 6_900)).toBe(false);
    expect(term.left(1_000, 7_000)).toBe(19_000);
    expect(term.left(6_500, 7_000)).toBe(19_500);
  });

  it('the lease of a sending process ends in a longer pause, and later renewals do not cover claims from before the pause', () => {
    const term = new LeaseTerm(20_000);
    term.renew(0, 5);
    expect(term.left(1_000, 25_000)).toBeLessThan(0);
    expect(term.renew(25_000, 25_005)).toBe(true);
    expect(term.left(1_000, 25_010)).toBeLessThan(0);
    expect(term.left(25_006, 25_010)).toBe(19_996);
  });

  it('the lease of a sending process counts as ended if a renewal was requested in time but answered after the end', () => {
    const term = new LeaseTerm(20_000);
    term.renew(0, 5);
    expect(term.renew(19_000, 20_001)).toBe(true);
    expect(term.left(1_000, 20_001)).toBe(999);
  });
});
