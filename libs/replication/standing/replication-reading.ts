import { ClusterClient, type SqlRunner } from '../clusters/cluster.client.js';
import { SlotsRepository, type SlotView } from './slots.repository.js';
import { SubscriptionsRepository, type SubscriptionView } from './subscriptions.repository.js';

/** The secondary as this desk sees it. */
export interface SecondaryView {
  reachable: boolean;
  /** Null if the secondary does not answer, or has no subscription. */
  subscription: SubscriptionView | null;
}

export interface ReplicationView {
  slots: SlotView[];
  /** Null without an address of the secondary. */
  secondary: SecondaryView | null;
}

/** Reads both clusters. @param timeoutMs maximum time to connect to the secondary, and for its answer */
export async function readReplication(
  primary: SqlRunner,
  secondaryUrl: string | undefined,
  timeoutMs: number,
): Promise<ReplicationView> {
  const slots = await new SlotsRepository(primary).list();
  return { slots, secondary: secondaryUrl === undefined ? null : await readSecondary(secondaryUrl, timeoutMs) };
}

async function readSecondary(url: string, timeoutMs: number): Promise<SecondaryView> {
  let cluster: ClusterClient | undefined;
  try {
    cluster = await ClusterClient.open(url, timeoutMs);
    const subscription = await new SubscriptionsRepository(cluster).find();
    return { reachable: true, subscription: subscription ?? null };
  } catch {
    return { reachable: false, subscription: null };
  } finally {
    void cluster?.close();
  }
}
