import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ownerKey, SnapshotPanel, type Viewer } from '#panels';
import { type AlertHeadline, AlertsRepository, type AlertTotals } from './alerts.repository.js';

const LATEST = 50;

const item = z.object({
  id: z.uuid(),
  userId: z.uuid().nullable().describe("null: the desk's, for operators"),
  ruleId: z.uuid(),
  ruleName: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  eventType: z.string(),
  count: z.int().describe('events that it stands for'),
  raisedAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  acknowledgedAt: z.iso.datetime().nullable(),
});
const schema = z.object({
  items: z
    .array(item)
    .describe(`the newest ${LATEST}, newest first; operators see the desk's and everybody's, others their own`),
  unacknowledged: z
    .object({ info: z.int(), warning: z.int(), critical: z.int() })
    .describe('of all there are, not of the items alone'),
});
export type AlertsView = z.output<typeof schema>;
type AlertItem = AlertsView['items'][number];

interface State {
  totals: readonly AlertTotals[];
  alerts: readonly AlertItem[];
}

/** The newest alerts and the number of unacknowledged ones. */
@Injectable()
export class AlertsPanel extends SnapshotPanel<State, AlertsView> {
  readonly name = 'alerts';
  // Removing a user removes their alerts by cascade.
  readonly topics = ['alerts', 'users'] as const;
  readonly schema = schema;

  constructor(private readonly alerts: AlertsRepository) {
    super();
  }

  async load(): Promise<State> {
    return { totals: await this.alerts.overview(), alerts: (await this.alerts.latest(LATEST)).map(itemOf) };
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view({ totals, alerts }: State, viewer: Viewer): AlertsView {
    const mine = (row: { userId: string | null }) => viewer.operator || row.userId === viewer.userId;
    const unacknowledged = { info: 0, warning: 0, critical: 0 };
    for (const { info, warning, critical } of totals.filter(mine)) {
      unacknowledged.info += info;
      unacknowledged.warning += warning;
      unacknowledged.critical += critical;
    }
    return { items: alerts.filter(mine).slice(0, LATEST), unacknowledged };
  }
}

function itemOf({ raisedAt, lastAt, acknowledgedAt, ...rest }: AlertHeadline): AlertItem {
  return {
    ...rest,
    raisedAt: raisedAt.toISOString(),
    lastAt: lastAt.toISOString(),
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
  };
}
