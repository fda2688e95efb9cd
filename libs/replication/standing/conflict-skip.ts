import type { ClusterClient } from '../clusters/cluster.client.js';
import { PUBLICATION, SLOT } from '../publication/published-tables.js';
import { SubscriptionRepository } from '../publication/subscription.repository.js';
import { ReplicationRefused } from '../replication-refused.js';
import { type BlockedTransaction, findBlocked } from './blocked-transaction.js';
import { SlotsRepository } from './slots.repository.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

const POLL_MS = 50;
/** Maximum wait for the apply worker to leave its slot, in ms. */
const LEAVE_MS = 30_000;

/**
 * Leaves out the transaction that the secondary cannot apply. It is lost there.
 * The subscription is disabled meanwhile, because a slot in use cannot be read.
 * @returns the transaction; undefined if none waits
 * @throws ReplicationRefused
 */
export async function skipBlocked(
  primary: ClusterClient,
  secondary: ClusterClient,
): Promise<BlockedTransaction | undefined> {
  const view = await new SubscriptionsRepository(secondary).find();
  if (view === undefined) throw new ReplicationRefused('The secondary has no subscription.');
  const subscription = new SubscriptionRepository(secondary);
  const slots = new SlotsRepository(primary);
  await subscription.setEnabled(false);
  try {
    for (const until = Date.now() + LEAVE_MS; await slots.isActive(SLOT); await pause()) {
      if (Date.now() > until)
        throw new ReplicationRefused('The slot is still in use. Another subscriber may hold it; nothing was skipped.');
    }
    const blocked = await findBlocked((changes) => slots.peek(SLOT, PUBLICATION, changes), view.appliedUpTo);
    if (blocked !== undefined) await subscription.skip(blocked.lsn);
    return blocked;
  } finally {
    await subscription.setEnabled(true);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
