/** The parts of a snapshot id, `<cluster>-<snapshot>`. `database` is the cluster without the random part that it has during recovery. */
export function partsOf(id: string): { cluster: string; database: string; snapshot: string } {
  const at = id.indexOf('-');
  const cluster = id.slice(0, Math.max(at, 0));
  return { cluster, database: cluster.split('~')[0]!, snapshot: id.slice(at + 1) };
}
