import type { ClusterClient } from '../clusters/cluster.client.js';
import { SLOT } from '../publication/published-tables.js';
import { SubscriptionRepository } from '../publication/subscription.repository.js';
import { ReplicationRefused } from '../replication-refused.js';
import { SlotsRepository } from '../standing/slots.repository.js';
import { SubscriptionsRepository } from '../standing/subscriptions.repository.js';
import type { ExportLine } from '../withheld/sealed-export.js';
import { type LoadedRows, loadSecrets } from '../withheld/secrets-transfer.js';
import { PromotionRepository } from './promotion.repository.js';

const POLL_MS = 100;

export interface PromotionOptions {
  /** The primary, which is made read-only and waited for. Null: it is lost. */
  primary: ClusterClient | null;
  /** Lines of the sealed export. Null: the promoted region goes without. */
  secrets: readonly ExportLine[] | null;
  /** Maximum wait for the secondary to apply what the primary has written, in ms. */
  catchUpMs: number;
}

export interface PromotionResult {
  /** Time of the newest heartbeat that had arrived. Later writes of a lost primary may be missing. */
  lastBeatAt: Date | null;
  sequences: number;
  secrets: LoadedRows[];
  /** Webhooks without address or secret. */
  paused: string[];
}

/**
 * Makes the secondary a desk of its own: ends the subscription, then in one transaction sets sequences, loads what was withheld
 * and starts a new epoch of the change feed, and at last accepts writes. Safe to repeat after a failure.
 * @throws ReplicationRefused
 */
export async function promoteSecondary(
  secondary: ClusterClient,
  { primary, secrets, catchUpMs }: PromotionOptions,
): Promise<PromotionResult> {
  const subscription = new SubscriptionRepository(secondary);
  const view = await new SubscriptionsRepository(secondary).find();
  if (view === undefined && !(await subscription.isFrozen()))
    throw new ReplicationRefused('This database is no secondary: it has no subscription and accepts writes.');
  if (view !== undefined && view.tablesPending > 0)
    throw new ReplicationRefused(
      `The first copy of ${view.tablesPending} tables has not ended, so the secondary is incomplete.`,
    );
  if (view !== undefined) {
    if (primary !== null) await handOver(primary, catchUpMs);
    await subscription.drop(primary !== null);
  }
  const promotion = new PromotionRepository(secondary);
  const result = await secondary.inTransaction(async () => {
    const sequences = await promotion.setSequences();
    await promotion.noteRules();
    const loaded = secrets === null ? [] : await loadSecrets(secondary, secrets);
    const paused = await promotion.pauseIncomplete();
    await promotion.beginEpoch();
    return { sequences, secrets: loaded, paused };
  });
  await subscription.unfreeze();
  return { lastBeatAt: view?.lastBeatAt ?? null, ...result };
}

/** Makes the primary read-only, and waits until the secondary has all its writes. Undone if that takes too long. */
async function handOver(primary: ClusterClient, catchUpMs: number): Promise<void> {
  const database = new SubscriptionRepository(primary);
  const slots = new SlotsRepository(primary);
  await database.freeze();
  await database.endSessions();
  const position = await slots.position();
  for (const until = Date.now() + catchUpMs; !(await slots.hasConfirmed(SLOT, position)); await pause(POLL_MS)) {
    if (Date.now() < until) continue;
    await database.unfreeze();
    throw new ReplicationRefused(
      `The secondary has not caught up within ${Math.round(catchUpMs / 1000)} s, and the primary accepts writes again. See \`deskwire replication status\`.`,
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
