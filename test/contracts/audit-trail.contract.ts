import { randomUUID } from 'node:crypto';
import type { AuditTrail } from '#auth';

type Action = (typeof AuditTrail.actions)[number];

/** An act as an adapter keeps it. */
export interface KeptAct {
  action: string;
  actorId: string | null;
  subjectKind: string;
  subjectId: string | null;
  ownerId: string | null;
  before: unknown;
  after: unknown;
  count: number;
}

export interface AuditTrailUnderContract {
  trail: AuditTrail;
  /** Runs work in one transaction. */
  atomic<T>(work: () => Promise<T>): Promise<T>;
  /** Records of a subject, oldest first. */
  kept(subjectId: string): Promise<KeptAct[]>;
  /** Makes the store fail until the returned function is called. */
  breakStore(): Promise<() => Promise<void>>;
}

/** What every adapter of AuditTrail promises. */
export function auditTrailContract(name: string, make: () => Promise<AuditTrailUnderContract>): void {
  describe(`the audit trail of ${name}`, () => {
    let contract: AuditTrailUnderContract;
    const act = (id: string, action: Action, more: object = {}) => ({ action, subject: { kind: 'spec', id }, ...more });

    beforeAll(async () => {
      contract = await make();
    });

    it('keeps an act of a committed transaction with actor, owner and the values before and after', async () => {
      const [id, ownerId, userId, credentialId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      await contract.atomic(() =>
        contract.trail.record(
          act(id, 'rule_changed', {
            ...{ ownerId, actor: { userId, credentialId } },
            ...{ before: { roles: ['viewer'] }, after: { roles: ['trader'] } },
          }),
        ),
      );
      expect(await contract.kept(id)).toEqual([
        {
          ...{ action: 'rule_changed', actorId: userId, subjectKind: 'spec', subjectId: id, ownerId, count: 1 },
          ...{ before: { roles: ['viewer'] }, after: { roles: ['trader'] } },
        },
      ]);
    });

    it('keeps several acts in the order in which they were recorded', async () => {
      const id = randomUUID();
      await contract.atomic(async () => {
        await contract.trail.record(act(id, 'rule_made'), act(id, 'rule_changed'));
        await contract.trail.record(act(id, 'rule_removed'));
      });
      const kept = await contract.kept(id);
      expect(kept.map(({ action }) => action)).toEqual(['rule_made', 'rule_changed', 'rule_removed']);
      expect(kept[0]).toMatchObject({ actorId: null, ownerId: null, before: null, after: null });
    });

    it('keeps no act of a transaction that is rolled back', async () => {
      const id = randomUUID();
      const work = contract.atomic(async () => {
        await contract.trail.record(act(id, 'rule_made'));
        throw new Error('undone');
      });
      await expect(work).rejects.toThrow('undone');
      expect(await contract.kept(id)).toEqual([]);
    });

    it('fails the transaction of an act that it cannot keep', async () => {
      const id = randomUUID();
      const heal = await contract.breakStore();
      const work = contract.atomic(() => contract.trail.record(act(id, 'rule_made')));
      await expect(work).rejects.toThrow();
      await heal();
      expect(await contract.kept(id)).toEqual([]);
    });

    it('keeps a refused sign-in with its reason, and never throws for one that it cannot keep', async () => {
      const [userId, other] = [randomUUID(), randomUUID()];
      await contract.trail.refuse({ reason: 'wrong_password', userId });
      expect(await contract.kept(userId)).toMatchObject([
        { action: 'sign_in_refused', ownerId: userId, after: { reason: 'wrong_password' }, count: 1 },
      ]);
      const heal = await contract.breakStore();
      await contract.trail.refuse({ reason: 'wrong_password', userId: other });
      await heal();
      expect(await contract.kept(other)).toEqual([]);
      await contract.trail.refuse({ reason: 'wrong_password', userId: other });
      expect(await contract.kept(other)).toHaveLength(1);
    });
  });
}
