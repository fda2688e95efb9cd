import { type PrimaryFacts, replicaReadingOf, type ReplicaFacts } from './replica-facts.js';

const primary: PrimaryFacts = { system: '7', timeline: 2, lsn: '0/900', slots: { deskwire: '0/500', idle: null } };
const standby: ReplicaFacts = {
  ...{ system: '7', recovering: true, replayed: '0/800', timeline: 2 },
  ...{ subscriptions: [], tables: [] },
};
const subscriber: ReplicaFacts = {
  ...{ system: '8', recovering: false, replayed: null, timeline: null },
  ...{ subscriptions: [{ slot: 'deskwire', applied: '0/400' }], tables: ['trading_events'] },
};

describe('the reading of a replica', () => {
  it('a standby of the primary has what it has replayed', () => {
    expect(replicaReadingOf(primary, standby)).toEqual({ kind: 'physical', position: 0x800n });
  });

  it('a standby that receives another timeline, or nothing, cannot be measured', () => {
    for (const timeline of [1, 3, null])
      expect(replicaReadingOf(primary, { ...standby, timeline })).toEqual({ kind: 'physical', position: null });
    expect(replicaReadingOf(primary, { ...standby, replayed: null })).toEqual({ kind: 'physical', position: null });
  });

  it('a promoted standby, a standby of another server and a server without a subscription are no replicas', () => {
    expect(replicaReadingOf(primary, { ...standby, recovering: false }).kind).toBe('foreign');
    expect(replicaReadingOf(primary, { ...standby, system: '8' }).kind).toBe('foreign');
    expect(replicaReadingOf(primary, { ...subscriber, subscriptions: [] }).kind).toBe('foreign');
  });

  it('a subscriber has what it reported last, whichever of both servers knows more', () => {
    expect(replicaReadingOf(primary, subscriber)).toEqual({ kind: 'logical', position: 0x500n });
    const ahead = { ...subscriber, subscriptions: [{ slot: 'deskwire', applied: '0/600' }] };
    expect(replicaReadingOf(primary, ahead)).toEqual({ kind: 'logical', position: 0x600n });
  });

  it('a subscriber whose slot is not active on this primary cannot be measured', () => {
    for (const slot of ['other', null])
      expect(replicaReadingOf(primary, { ...subscriber, subscriptions: [{ slot, applied: '0/900' }] })).toEqual({
        kind: 'logical',
        position: null,
      });
  });

  it('a subscriber with two subscriptions is as late as the later one', () => {
    const subscriptions = [
      { slot: 'deskwire', applied: '0/700' },
      { slot: 'idle', applied: '0/300' },
    ];
    expect(replicaReadingOf(primary, { ...subscriber, subscriptions })).toEqual({ kind: 'logical', position: 0x300n });
    expect(
      replicaReadingOf(primary, { ...subscriber, subscriptions: [...subscriptions, { slot: 'idle', applied: null }] }),
    ).toEqual({ kind: 'logical', position: null });
  });
});
