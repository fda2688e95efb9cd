import type { Answer } from '@deskwire/client';
import { Badge, bytesText, type Column, DataTable, durationText, Empty, Sheet, Time } from '../ui/index.js';
import { usePolled } from './polled.js';

type Replication = Answer<'/v1/replication'>;
type Slot = Replication['slots'][number];

const SLOT_COLUMNS: readonly Column<Slot>[] = [
  { key: 'slot', title: 'Slot', cell: ({ slot }) => slot },
  {
    key: 'active',
    title: 'State',
    width: 90,
    cell: ({ active }) => (active ? <Badge tone="good">active</Badge> : <Badge tone="bad">inactive</Badge>),
  },
  { key: 'lag', title: 'Lag', width: 90, align: 'end', cell: ({ lagSeconds }) => durationText(lagSeconds * 1_000) },
  {
    key: 'bytes',
    title: 'Not confirmed',
    width: 110,
    align: 'end',
    cell: ({ lagBytes }) => (lagBytes === null ? 'lost' : bytesText(lagBytes)),
  },
  {
    key: 'kept',
    title: 'Kept log',
    width: 100,
    wide: true,
    align: 'end',
    cell: ({ retainedBytes }) => (retainedBytes === null ? '–' : bytesText(retainedBytes)),
  },
];

export function RegionsTab() {
  const { data } = usePolled('/v1/replication');
  const regions = usePolled('/v1/regions');
  return (
    <div className="system-grid">
      <Sheet title="Replication slots">
        <DataTable
          label="Replication slots"
          columns={SLOT_COLUMNS}
          rows={data?.slots ?? []}
          rowKey={({ slot }) => slot}
          busy={data === undefined}
          height={240}
          empty={
            <Empty
              title="The database is not replicated."
              next="docs/replication.md says how to add a secondary region."
            />
          }
        />
      </Sheet>
      <Sheet title="Secondary region">
        <div className="sheet-body">{data && <Secondary secondary={data.secondary} />}</div>
      </Sheet>
      <Sheet title="Regions">
        <div className="sheet-body">
          {regions.data?.items.length === 0 && (
            <Empty title="No region is registered." next="Set REGIONS to list the regions of the desk." />
          )}
          {regions.data?.items.map(({ name, url, here, health, latencyMs }) => (
            <section className="part" key={name}>
              <h3 className="part-head">
                {name}{' '}
                <Badge tone={health === 'up' ? 'good' : health === 'down' ? 'bad' : 'plain'}>
                  {here ? `${health}, here` : health}
                </Badge>
              </h3>
              <p>
                {url}
                {latencyMs !== null && `, ${durationText(latencyMs)}`}
              </p>
            </section>
          ))}
        </div>
      </Sheet>
    </div>
  );
}

function Secondary({ secondary }: Pick<Replication, 'secondary'>) {
  if (secondary === null)
    return (
      <Empty title="No secondary region is watched." next="Set REPLICATION_SECONDARY_URL to see its state here." />
    );
  const { reachable, subscription } = secondary;
  const conflicts = Object.entries(subscription?.conflicts ?? {}).filter(([, count]) => count > 0);
  return (
    <dl className="facts">
      <dt>Database</dt>
      <dd>{reachable ? <Badge tone="good">reachable</Badge> : <Badge tone="bad">not reachable</Badge>}</dd>
      {subscription && (
        <>
          <dt>Applies</dt>
          <dd>{subscription.applying ? <Badge tone="good">yes</Badge> : <Badge tone="bad">no</Badge>}</dd>
          <dt>Tables to copy</dt>
          <dd>{subscription.tablesPending}</dd>
          <dt>Errors</dt>
          <dd>
            {subscription.applyErrors} while applying, {subscription.copyErrors} while copying
          </dd>
          <dt>Conflicts</dt>
          <dd>{conflicts.length === 0 ? 'none' : conflicts.map(([kind, count]) => `${kind}: ${count}`).join(', ')}</dd>
          <dt>Last heartbeat</dt>
          <dd>
            <Time value={subscription.lastBeatAt} />
          </dd>
        </>
      )}
    </dl>
  );
}
