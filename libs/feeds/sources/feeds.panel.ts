import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import {
  onceForRows,
  type Owned,
  ownedList,
  type OwnedList,
  type PanelChanges,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import { type FeedOverview, FeedSourcesRepository } from './feed-sources.repository.js';

const STATES = ['live', 'quiet', 'stale', 'failing'] as const;

const item = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  state: z.enum(STATES),
  lastCycleAt: z.iso.datetime().nullable(),
  lastItemAt: z.iso.datetime().nullable().describe('Time of the last new item'),
  lastOutcome: z.string().nullable().describe('of the last cycle: fresh, empty, unchanged or failed'),
  consecutiveEmpty: z.int(),
  consecutiveFailures: z.int(),
  lastError: z.string().nullable(),
});
const schema = z.object({ items: z.array(item).describe('In order of id. The same for every user') });
const parameters = z.strictObject({
  state: z.enum(STATES, { error: STATES.join(', ') }).optional(),
  ...windowParameters,
});
const windowed = windowSchema(item);
publishSchemas({
  FeedsPanel: schema,
  FeedsPanelParameters: parameters,
  FeedsPanelRow: item,
  FeedsPanelWindow: windowed,
});
type FeedItem = z.output<typeof item>;

const of: Owned<FeedItem> = { key: (feed) => feed.id, owner: () => '' };

/** Feeds and their states. Shows the state in the row; no node computes its own. */
@Injectable()
export class FeedsPanel extends SnapshotPanel<OwnedList<FeedItem>> {
  readonly name = 'feeds';
  readonly topics = ['feeds'] as const;
  readonly schema = schema;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  constructor(private readonly sources: FeedSourcesRepository) {
    super();
  }

  async load(_changes: PanelChanges | undefined, previous: OwnedList<FeedItem> | undefined) {
    const items = (await this.sources.overview()).map(itemOf);
    return ownedList(items, of, previous);
  }

  viewKey(): string {
    return '*';
  }

  view(list: OwnedList<FeedItem>, _viewer: Viewer): { items: readonly FeedItem[] } {
    return { items: list.all };
  }

  override window(list: OwnedList<FeedItem>, viewer: Viewer, { state, ...bounds }: z.output<typeof parameters>) {
    const { items } = this.view(list, viewer);
    const rows =
      state === undefined ? items : onceForRows(items, state, () => items.filter((row) => row.state === state));
    return windowOf(rows, of.key, bounds);
  }
}

function itemOf(row: FeedOverview): FeedItem {
  const { id, name, kind, enabled, state, lastOutcome, consecutiveEmpty, consecutiveFailures, lastError } = row;
  return {
    id,
    name,
    kind,
    enabled,
    state,
    lastCycleAt: row.lastCycleAt?.toISOString() ?? null,
    lastItemAt: row.lastItemAt?.toISOString() ?? null,
    lastOutcome,
    consecutiveEmpty,
    consecutiveFailures,
    lastError,
  };
}
