import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { DeliveriesService } from '#deliveries';
import {
  onceForRows,
  type Owned,
  ownedList,
  type OwnedList,
  ownerKey,
  type PanelChanges,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import { hostOf, type WebhookEndpoint } from './endpoints/webhook-endpoint.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';

const STATES = ['healthy', 'degraded', 'disabled'] as const;

const item = z.object({
  endpointId: z.uuid(),
  userId: z.uuid().nullable().describe("null: the desk's, for operators"),
  description: z.string(),
  host: z.string().describe('Host of its URL, because the path may be a secret'),
  format: z.string(),
  state: z.enum(STATES),
  stateReason: z.string().nullable(),
  stateSince: z.iso.datetime(),
  failingSince: z.iso.datetime().nullable().describe('Start of a period with failures only'),
  circuit: z.enum(['closed', 'open']).describe('open: too many recent attempts failed, so only probes are sent'),
  waiting: z.int(),
  held: z.int(),
  dead: z.int(),
});
const schema = z.object({
  items: z.array(item).describe('In order of endpointId. Operators see all, and other users their own'),
});
const parameters = z.strictObject({
  state: z.enum(STATES, { error: STATES.join(', ') }).optional(),
  ...windowParameters,
});
const windowed = windowSchema(item);
publishSchemas({
  WebhooksPanel: schema,
  WebhooksPanelParameters: parameters,
  WebhooksPanelRow: item,
  WebhooksPanelWindow: windowed,
});
type WebhookItem = z.output<typeof item>;
type LaneBacklog = Awaited<ReturnType<DeliveriesService['overview']>>['lanes'][number];

const of: Owned<WebhookItem> = { key: (webhook) => webhook.endpointId, owner: (webhook) => webhook.userId ?? '' };

/** Endpoints with their health and waiting deliveries. */
@Injectable()
export class WebhooksPanel extends SnapshotPanel<OwnedList<WebhookItem>> {
  readonly name = 'webhooks';
  // Health is recorded with its attempts. Removing a user removes their endpoints by cascade.
  readonly topics = ['webhooks', 'deliveries', 'users'] as const;
  readonly schema = schema;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly deliveries: DeliveriesService,
  ) {
    super();
  }

  async load(_changes: PanelChanges | undefined, previous: OwnedList<WebhookItem> | undefined) {
    const lanes = new Map((await this.deliveries.overview()).lanes.map((lane) => [lane.endpointId, lane]));
    const items = (await this.endpoints.summaries()).map((row) => itemOf(row, lanes.get(row.id)));
    return ownedList(items, of, previous);
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view(list: OwnedList<WebhookItem>, viewer: Viewer): { items: readonly WebhookItem[] } {
    return { items: viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? []) };
  }

  override window(list: OwnedList<WebhookItem>, viewer: Viewer, { state, ...bounds }: z.output<typeof parameters>) {
    const { items } = this.view(list, viewer);
    const rows =
      state === undefined ? items : onceForRows(items, state, () => items.filter((row) => row.state === state));
    return windowOf(rows, of.key, bounds);
  }
}

function itemOf(row: WebhookEndpoint, lane: LaneBacklog | undefined): WebhookItem {
  return {
    endpointId: row.id,
    userId: row.userId,
    description: row.description,
    host: hostOf(row),
    format: row.format,
    state: row.state,
    stateReason: row.stateReason,
    stateSince: row.stateSince.toISOString(),
    failingSince: row.failingSince?.toISOString() ?? null,
    // Probes are not in the change feed, so half-open shows as open.
    circuit: lane === undefined || lane.circuit === 'closed' ? 'closed' : 'open',
    waiting: lane === undefined ? 0 : lane.pending + lane.sending,
    held: lane?.held ?? 0,
    dead: lane?.dead ?? 0,
  };
}
