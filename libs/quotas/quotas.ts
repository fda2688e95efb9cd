import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactions } from '#database';
import { QuotaLocksRepository } from './quota-locks.repository.js';

export const QUOTA_REFUSALS = 'quotas_refusals_total';

/** How many rows of one kind an owner may have. */
export interface Quota {
  /** The kind, in snake case; the label of the metric. */
  name: string;
  /** A user's id; null for the desk. */
  owner: string | null;
  max: number;
  /** The number of rows now, with those that this transaction added. */
  count: () => Promise<number>;
  /** The error to answer with. */
  refusal: (count: number) => Error;
}

/**
 * Refuses rows beyond the quota of an owner.
 *
 * Checked after the rows were added, in their transaction and under a lock of quota and owner. A concurrent transaction then
 * counts only when this one has ended, so of 100 that add one row each at the quota less one, exactly one commits.
 * A lock and a count cost two round trips, only when something is added.
 */
@Injectable()
export class Quotas {
  constructor(
    private readonly transactions: Transactions,
    private readonly locks: QuotaLocksRepository,
    @InjectMetric(QUOTA_REFUSALS) private readonly refusals: Counter<'quota'>,
  ) {}

  /**
   * Call it after adding, inside `@Atomic()`. For several owners, call it in the order of their ids, so that two
   * callers cannot deadlock.
   * @throws the error of `refusal`; the transaction then rolls back the added rows
   */
  async keep({ name, owner, max, count, refusal }: Quota): Promise<void> {
    const have = await this.used(name, owner, count);
    if (have > max) throw this.refused(name, refusal(have));
  }

  /**
   * Counts the rows of a quota for a caller that decides itself which rows to add. Until the end of the transaction no other
   * caller counts them, so it adds what there is room for. Order the calls as those of `keep`.
   */
  async used<T>(name: string, owner: string | null, count: () => Promise<T>): Promise<T> {
    if (!this.transactions.isOpen) throw new Error('Quotas need the @Atomic() in which the rows are added.');
    await this.locks.take(name, owner);
    return count();
  }

  /** Counts a refusal of a quota that needs no count, such as the positions of one snapshot. @returns the error */
  refused<E extends Error>(name: string, error: E): E {
    this.refusals.inc({ quota: name });
    return error;
  }
}
