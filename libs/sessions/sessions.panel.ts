import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import {
  beside,
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
import { SessionsRepository } from './sessions.repository.js';
import { SESSION_STATES } from './trading-session.entity.js';

const item = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  broker: z.string(),
  account: z.string(),
  loginMethod: z.string(),
  state: z.string().describe('active, expiring, expired or closed'),
  isActive: z.boolean(),
  tokenEpoch: z.int(),
  expiresAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
const schema = z.object({
  items: z.array(item).describe('In order of id. Operators see all, and other users their own'),
});
const parameters = z.strictObject({
  state: z.enum(SESSION_STATES, { error: SESSION_STATES.join(', ') }).optional(),
  ...windowParameters,
});
const windowed = windowSchema(item);
publishSchemas({
  SessionsPanel: schema,
  SessionsPanelParameters: parameters,
  SessionsPanelRow: item,
  SessionsPanelWindow: windowed,
});
type SessionItem = z.output<typeof item>;

const of: Owned<SessionItem> = { key: (session) => session.id, owner: (session) => session.userId };

/** Broker sessions and their expiry. Shows the state in the row and not one computed from a clock, so that all nodes agree. */
@Injectable()
export class SessionsPanel extends SnapshotPanel<OwnedList<SessionItem>> {
  readonly name = 'sessions';
  // Removing a user removes their sessions by cascade.
  readonly topics = ['sessions', 'users'] as const;
  readonly schema = schema;
  override readonly parameters = parameters;
  override readonly windowSchema = windowed;

  constructor(private readonly sessions: SessionsRepository) {
    super();
  }

  async load(_changes: PanelChanges | undefined, previous: OwnedList<SessionItem> | undefined) {
    const items = (await this.sessions.summaries()).map((row) => item.parse(wire(row)));
    return ownedList(items, of, previous);
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view(list: OwnedList<SessionItem>, viewer: Viewer): { items: readonly SessionItem[] } {
    const items = viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? NOTHING);
    let view = views.get(items);
    if (view === undefined) views.set(items, (view = { items }));
    return view;
  }

  override window(list: OwnedList<SessionItem>, viewer: Viewer, { state, ...bounds }: z.output<typeof parameters>) {
    const { items } = this.view(list, viewer);
    const rows =
      state === undefined ? items : onceForRows(items, state, () => items.filter((row) => row.state === state));
    return windowOf(rows, of.key, bounds);
  }
}

const NOTHING: readonly SessionItem[] = [];
const views = beside<readonly SessionItem[], { items: readonly SessionItem[] }>();

/** Converts dates to their JSON form. */
function wire(row: object): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}
