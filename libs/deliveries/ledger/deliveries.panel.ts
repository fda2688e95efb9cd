import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { ownerKey, SnapshotPanel, type Viewer, windowOf, windowParameters, windowSchema } from '#panels';
import type { LaneBacklog } from './deliveries.repository.js';
import { DeliveriesService } from './deliveries.service.js';

const LATEST = 30;

const item = z.object({
  id: z.uuid(),
  alertId: z.uuid().nullable(),
  endpointId: z.uuid(),
  status: z
    .enum(['waiting', 'delivered', 'dead', 'held', 'cancelled'])
    .describe('waiting for its turn or its next attempt, or being sent'),
  attempts: z.int().describe('that ended'),
  statusCode: z.int().nullable().describe('of the last answer'),
  errorClass: z.string().nullable(),
  latencyMs: z.number().nullable(),
  createdAt: z.iso.datetime(),
  settledAt: z.iso.datetime().nullable(),
});
const counts = {
  waiting: z.int(),
  held: z.int().describe('Held for disabled endpoints. They are sent in order when the endpoint recovers'),
  dead: z.int().describe('dead letters'),
};
const parameters = z.strictObject(windowParameters);
const schema = z.object({
  ...counts,
  items: z
    .array(item)
    .describe(
      `of the newest ${LATEST} of the desk, newest first. Operators see all, and other users those of their endpoints`,
    ),
});
const windowed = windowSchema(item, counts);
publishSchemas({
  DeliveriesPanel: schema,
  DeliveriesPanelParameters: parameters,
  DeliveriesPanelRow: item,
  DeliveriesPanelWindow: windowed,
});
export type DeliveriesView = z.output<typeof schema>;
type DeliveryItem = DeliveriesView['items'][number];

interface State {
  lanes: readonly LaneBacklog[];
  deliveries: readonly DeliveryItem[];
}

/** The ledger: waiting, held and dead deliveries, and the newest ones. */
@Injectable()
export class DeliveriesPanel extends SnapshotPanel<State, DeliveriesView> {
  readonly name = 'deliveries';
  // Removing a user removes their lanes by cascade.
  readonly topics = ['deliveries', 'users'] as const;
  readonly schema = schema;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  constructor(private readonly deliveries: DeliveriesService) {
    super();
  }

  async load(): Promise<State> {
    const { lanes } = await this.deliveries.overview();
    const deliveries = await this.deliveries.latest(LATEST);
    return {
      lanes,
      deliveries: deliveries.map(({ id, alertId, endpointId, status, attempts, createdAt, settledAt, ...last }) => ({
        id,
        alertId,
        endpointId,
        // Claims are not in the change feed. A delivery is `waiting` until its attempt has ended, and only then the attempt counts.
        status: status === 'pending' || status === 'sending' ? 'waiting' : status,
        attempts: status === 'sending' ? attempts - 1 : attempts,
        statusCode: last.statusCode,
        errorClass: last.errorClass,
        latencyMs: last.latencyMs,
        createdAt: createdAt.toISOString(),
        settledAt: settledAt?.toISOString() ?? null,
      })),
    };
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view({ lanes, deliveries }: State, viewer: Viewer): DeliveriesView {
    const mine = new Map(
      lanes.filter(({ userId }) => viewer.operator || userId === viewer.userId).map((lane) => [lane.endpointId, lane]),
    );
    const sum = (of: (lane: LaneBacklog) => number) => [...mine.values()].reduce((total, lane) => total + of(lane), 0);
    return {
      waiting: sum(({ pending, sending }) => pending + sending),
      held: sum(({ held }) => held),
      dead: sum(({ dead }) => dead),
      items: viewer.operator ? [...deliveries] : deliveries.filter(({ endpointId }) => mine.has(endpointId)),
    };
  }

  override window(state: State, viewer: Viewer, bounds: z.output<typeof parameters>) {
    const { items, ...rest } = this.view(state, viewer);
    return windowOf(items, ({ id }) => id, bounds, rest);
  }
}
