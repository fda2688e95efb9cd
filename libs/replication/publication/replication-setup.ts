import type { ClusterClient } from '../clusters/cluster.client.js';
import { ReplicationRefused } from '../replication-refused.js';
import { PublicationRepository } from './publication.repository.js';
import { SLOT } from './published-tables.js';
import { SubscriptionRepository } from './subscription.repository.js';

/** What a set-up has done. */
export type SetupResult = 'created' | 'refreshed';

/**
 * Creates publication, slot and subscription, or brings existing ones to the tables of this version.
 * @param primaryUrl address of the primary, as the secondary reaches it
 * @param replaceSlot removes the inactive slot of a secondary that is lost
 * @throws ReplicationRefused
 */
export async function setUpReplication(
  primary: ClusterClient,
  secondary: ClusterClient,
  primaryUrl: string,
  replaceSlot: boolean,
): Promise<SetupResult> {
  const publication = new PublicationRepository(primary);
  const subscription = new SubscriptionRepository(secondary);
  await checkPrimary(publication);
  await checkSchemas(new SubscriptionRepository(primary), subscription);
  if (await subscription.exists()) {
    await publication.publish();
    await subscription.refresh();
    return 'refreshed';
  }
  const filled = await subscription.filledTables();
  if (filled.length > 0)
    throw new ReplicationRefused(
      `The secondary has rows in ${filled.join(', ')}. Start with a new database: create it, run \`deskwire migrate up\` on it and nothing else.`,
    );
  await freeSlot(publication, replaceSlot);
  await publication.publish();
  await subscription.freeze();
  await subscription.endSessions();
  try {
    await subscription.create(primaryUrl);
  } catch (error) {
    await subscription.unfreeze();
    throw error;
  }
  return 'created';
}

async function freeSlot(publication: PublicationRepository, replace: boolean): Promise<void> {
  const state = await publication.slotState(SLOT);
  if (state === 'active')
    throw new ReplicationRefused(
      `Another secondary replicates through the slot ${SLOT} of the primary now. End its subscription first: a primary has one secondary.`,
    );
  if (state === 'inactive' && !replace)
    throw new ReplicationRefused(
      `The primary has the slot ${SLOT} of an earlier secondary, which is not connected. If that secondary is lost, repeat with --replace-slot: it can never catch up again.`,
    );
  if (state === 'inactive') await publication.dropSlot(SLOT);
}

async function checkPrimary(publication: PublicationRepository): Promise<void> {
  const level = await publication.walLevel();
  if (level !== 'logical')
    throw new ReplicationRefused(
      `The primary has wal_level = ${level}. Set wal_level = logical in its postgresql.conf and restart PostgreSQL.`,
    );
  const unknown = await publication.unknownTables();
  if (unknown.length > 0)
    throw new ReplicationRefused(
      `This version does not know whether to publish ${unknown.join(', ')}. Use the version of Deskwire that made these tables.`,
    );
  if (await publication.hasUrlsInClear())
    throw new ReplicationRefused(
      'Some webhook URLs are stored in clear, and their paths are secrets. Start the desk of this version once, or run `deskwire secrets rewrap`.',
    );
}

async function checkSchemas(primary: SubscriptionRepository, secondary: SubscriptionRepository): Promise<void> {
  const ours = await primary.migrations();
  const theirs = await secondary.migrations().catch((): string[] => []);
  const differing = [...ours.filter((one) => !theirs.includes(one)), ...theirs.filter((one) => !ours.includes(one))];
  if (differing.length > 0)
    throw new ReplicationRefused(
      `The schemas of the two clusters differ (first: ${differing[0]!.split(' ')[0]}). Run \`deskwire migrate up\` of the same version on both.`,
    );
}
