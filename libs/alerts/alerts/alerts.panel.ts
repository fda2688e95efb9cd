import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import {
  onceForRows,
  type Owned,
  ownedList,
  type OwnedList,
  ownerKey,
  type PanelChanges,
  replaceItems,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import { type AlertHeadline, AlertsRepository, type AlertTotals } from './alerts.repository.js';

const LATEST = 50;
/** Unacknowledged critical alerts of an owner that are shown however old they are. */
const CRITICALS = 200;
const SEVERITIES = ['info', 'warning', 'critical'] as const;

const item = z.object({
  id: z.uuid(),
  userId: z.uuid().nullable().describe('null: an alert of the desk, for operators'),
  ruleId: z.uuid(),
  ruleName: z.string(),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  eventType: z.string(),
  count: z.int().describe('Number of matching events'),
  raisedAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  acknowledgedAt: z.iso.datetime().nullable(),
  silencedBy: z.uuid().nullable().describe('The silence by which it was not sent'),
});
const unacknowledged = z
  .object({ info: z.int(), warning: z.int(), critical: z.int() })
  .describe('Number of all unacknowledged alerts, not only of those shown');
const schema = z.object({
  items: z
    .array(item)
    .describe(
      `The newest ${LATEST}, newest first. Operators see those of the desk and of all users, and other users their own`,
    ),
  unacknowledged,
});
const parameters = z.strictObject({
  acknowledged: z.boolean({ error: 'true or false' }).optional(),
  severity: z.enum(SEVERITIES, { error: SEVERITIES.join(', ') }).optional(),
  ...windowParameters,
});
const windowed = windowSchema(
  item.describe('Unacknowledged critical alerts that no silence holds first, then the newest'),
  {
    unacknowledged,
  },
);
publishSchemas({
  AlertsPanel: schema,
  AlertsPanelParameters: parameters,
  AlertsPanelRow: item,
  AlertsPanelWindow: windowed,
  UnacknowledgedAlerts: unacknowledged,
});
export type AlertsView = z.output<typeof schema>;
type AlertItem = AlertsView['items'][number];

interface State {
  totals: ReadonlyMap<string, AlertTotals>;
  /** The newest alerts of each owner, and the unacknowledged critical ones. */
  alerts: OwnedList<AlertItem>;
}

const DESK = '';
const of: Owned<AlertItem> = { key: ({ id }) => id, owner: ({ userId }) => userId ?? DESK };

/** The newest alerts and the number of unacknowledged ones. A change reloads those of the owners that it concerns. */
@Injectable()
export class AlertsPanel extends SnapshotPanel<State, AlertsView> {
  readonly name = 'alerts';
  // Removing a user removes their alerts by cascade.
  readonly topics = ['alerts', 'users'] as const;
  readonly schema = schema;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  constructor(private readonly alerts: AlertsRepository) {
    super();
  }

  async load(changes: PanelChanges | undefined, previous: State | undefined): Promise<State> {
    const ids = changes?.get('alerts') ?? new Set<string>();
    if (previous === undefined || changes === undefined || changes.has('users')) {
      const items = (await this.alerts.latest(LATEST, CRITICALS)).map(itemOf);
      const totals = totalsBy(await this.alerts.totals());
      return { totals, alerts: await ownedList(items, of, previous?.alerts) };
    }
    const known = [...previous.alerts.all.filter(({ id }) => ids.has(id)), ...(await this.alerts.ownersOf([...ids]))];
    const owners = [...new Set(known.map(({ userId }) => userId))];
    const names = new Set(owners.map((owner) => owner ?? DESK));
    const items = (await this.alerts.latest(LATEST, CRITICALS, owners))
      .map(itemOf)
      .filter((alert) => names.has(of.owner(alert)));
    const kept = owners.flatMap((owner) => previous.alerts.byOwner.get(owner ?? DESK) ?? []);
    const alerts = replaceItems(previous.alerts, keysOf([...kept, ...items]), items, of);
    // The owner of an old alert that was removed is unknown.
    if (new Set(known.map(({ id }) => id)).size < ids.size)
      return { totals: totalsBy(await this.alerts.totals()), alerts };
    const totals = new Map([...previous.totals].filter(([owner]) => !names.has(owner)));
    for (const [owner, total] of totalsBy(await this.alerts.totals(owners))) totals.set(owner, total);
    return { totals, alerts };
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view(state: State, viewer: Viewer): AlertsView {
    const items = [...rowsFor(state, viewer)].sort(newestFirst).slice(0, LATEST);
    return { items, unacknowledged: unacknowledgedOf(state, viewer) };
  }

  override window(state: State, viewer: Viewer, { acknowledged, severity, ...bounds }: z.output<typeof parameters>) {
    const all = rowsFor(state, viewer);
    const rows = onceForRows(all, `${acknowledged} ${severity}`, () =>
      all
        .filter(
          (alert) =>
            (severity === undefined || alert.severity === severity) &&
            (acknowledged === undefined || (alert.acknowledgedAt !== null) === acknowledged),
        )
        .sort((one, other) => Number(isUrgent(other)) - Number(isUrgent(one)) || newestFirst(one, other)),
    );
    return windowOf(rows, of.key, bounds, { unacknowledged: unacknowledgedOf(state, viewer) });
  }
}

function isUrgent({ severity, acknowledgedAt, silencedBy }: AlertItem): boolean {
  return severity === 'critical' && acknowledgedAt === null && silencedBy === null;
}

/** An id begins with the time at which the alert was raised. */
function newestFirst(one: AlertItem, other: AlertItem): number {
  return one.id < other.id ? 1 : -1;
}

const NOTHING: readonly AlertItem[] = [];

function rowsFor({ alerts }: State, viewer: Viewer): readonly AlertItem[] {
  return viewer.operator ? alerts.all : (alerts.byOwner.get(viewer.userId) ?? NOTHING);
}

function unacknowledgedOf({ totals }: State, viewer: Viewer): AlertsView['unacknowledged'] {
  const sum = { info: 0, warning: 0, critical: 0 };
  const mine = viewer.operator ? totals.values() : [totals.get(viewer.userId)];
  for (const total of mine) for (const severity of SEVERITIES) sum[severity] += total?.[severity] ?? 0;
  return sum;
}

function keysOf(items: readonly AlertItem[]): Set<string> {
  return new Set(items.map(of.key));
}

function totalsBy(rows: readonly AlertTotals[]): Map<string, AlertTotals> {
  return new Map(rows.map((row) => [row.userId ?? DESK, row]));
}

function itemOf({ raisedAt, lastAt, acknowledgedAt, ...rest }: AlertHeadline): AlertItem {
  return {
    ...rest,
    raisedAt: raisedAt.toISOString(),
    lastAt: lastAt.toISOString(),
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
  };
}
