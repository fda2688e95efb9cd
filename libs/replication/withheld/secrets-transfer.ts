import type { ClusterClient } from '../clusters/cluster.client.js';
import { SubscriptionRepository } from '../publication/subscription.repository.js';
import { ReplicationRefused } from '../replication-refused.js';
import { type ExportLine, SealedExport } from './sealed-export.js';
import { WITHHELD_PARTS, WithheldRepository } from './withheld.repository.js';

const BATCH = 500;

/** How many rows of a table an export had, and how many of them were loaded. */
export interface LoadedRows {
  table: string;
  exported: number;
  loaded: number;
}

/** Writes everything withheld, of one snapshot, as lines of a sealed export. @returns the number of rows by table */
export async function exportSecrets(
  cluster: ClusterClient,
  key: string,
  write: (line: string) => void,
): Promise<Record<string, number>> {
  const sealed = new SealedExport(key, new Date());
  write(JSON.stringify(sealed.head));
  const withheld = new WithheldRepository(cluster);
  const counts: Record<string, number> = {};
  await cluster.inTransaction(async () => {
    for (const table of WITHHELD_PARTS) {
      counts[table] = 0;
      for (let last: string | undefined; ;) {
        const rows = await withheld.rowsAfter(table, last, BATCH);
        if (rows.length > 0) write(sealed.line({ table, rows }));
        counts[table] += rows.length;
        last = rows.at(-1)?.['id'] as string | undefined;
        if (rows.length < BATCH) break;
      }
    }
  }, 'ISOLATION LEVEL REPEATABLE READ READ ONLY');
  write(sealed.line({ end: true }));
  return counts;
}

/**
 * Loads an export that openExport() has opened. Call it in a transaction. Rows that have changed since the export, or no longer
 * exist, are left as they are.
 */
export async function loadSecrets(cluster: ClusterClient, lines: readonly ExportLine[]): Promise<LoadedRows[]> {
  const withheld = new WithheldRepository(cluster);
  const done = new Map(WITHHELD_PARTS.map((table) => [table, { table, exported: 0, loaded: 0 }]));
  for (const line of lines) {
    if ('end' in line) continue;
    const count = done.get(line.table);
    if (count === undefined) continue;
    count.exported += line.rows.length;
    count.loaded += await withheld.load(line.table, line.rows);
  }
  return [...done.values()];
}

/** Loads an export into a desk that was promoted without it. @throws ReplicationRefused on a secondary: secrets would be there too early */
export async function importSecrets(cluster: ClusterClient, lines: readonly ExportLine[]): Promise<LoadedRows[]> {
  if (await new SubscriptionRepository(cluster).exists())
    throw new ReplicationRefused(
      'This database is a secondary, which holds no secrets. `deskwire replication promote --secrets FILE` loads them. Nothing was loaded.',
    );
  return cluster.inTransaction(async () => {
    const loaded = await loadSecrets(cluster, lines);
    await new WithheldRepository(cluster).announce();
    return loaded;
  });
}
