import { configSlice, env, secret, type SliceValue } from '#config';
import { encryptionKey } from '#sealing/config';

export const replicationConfig = configSlice(
  'replication',
  {
    secondaryUrl: env(
      'REPLICATION_SECONDARY_URL',
      secret(1),
      'URL of the PostgreSQL of the secondary region. The desk watches its subscription and conflicts. Unset: there is none',
      { secret: true },
    ),
    exportKey: env(
      'REPLICATION_EXPORT_KEY',
      encryptionKey(),
      'Encrypts the export of what replication withholds: 32 bytes in hexadecimal or base64. See `deskwire secrets export`',
      { secret: true },
    ),
  },
  {
    /** Interval of heartbeats and of readings of both clusters, in ms. */
    watchMs: 5_000,
    /** Maximum time to connect to the secondary, and for each of its answers, in ms. */
    secondaryTimeoutMs: 2_000,
    /** How long heartbeats are kept, in ms. A lag beyond it is reported as this long. */
    beatRetentionMs: 86_400_000,
  },
);
export type ReplicationConfig = SliceValue<typeof replicationConfig>;
