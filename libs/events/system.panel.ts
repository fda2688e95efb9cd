import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { UsersService } from '#auth';
import { ownerKey, type PanelChanges, SnapshotPanel, type Viewer } from '#panels';
import { type EventHeadline, EventsRepository } from './events.repository.js';

const LATEST = 50;

const item = z.object({
  id: z.uuid(),
  type: z.string(),
  broker: z.string().nullable(),
  userId: z.uuid().nullable(),
  occurredAt: z.iso.datetime(),
});
const schema = z.object({
  demo: z.boolean().describe('The desk contains demo data'),
  latestEvents: z
    .array(item)
    .describe(`of the newest ${LATEST} of the desk, newest first. Operators see all, and other users their own`),
});
publishSchemas({ EventHeadline: item, SystemPanel: schema });
type EventItem = z.output<typeof item>;

interface State {
  demo: boolean;
  events: readonly EventItem[];
}

/** The newest events. */
@Injectable()
export class SystemPanel extends SnapshotPanel<State> {
  readonly name = 'system';
  readonly topics = ['events', 'users'] as const;
  readonly schema = schema;

  constructor(
    private readonly events: EventsRepository,
    private readonly users: UsersService,
  ) {
    super();
  }

  async load(changes: PanelChanges | undefined, previous: State | undefined): Promise<State> {
    const demo = previous !== undefined && changes?.has('users') === false ? previous.demo : await this.users.hasDemo();
    if (previous?.demo === demo && changes?.has('events') === false) return previous;
    // Events never change, so a known one is the same.
    const known = new Map(previous?.events.map((event) => [event.id, event]));
    const rows = await this.events.latest(LATEST);
    return { demo, events: rows.map((row) => known.get(row.id) ?? itemOf(row)) };
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view({ demo, events }: State, viewer: Viewer) {
    return { demo, latestEvents: viewer.operator ? events : events.filter((event) => event.userId === viewer.userId) };
  }
}

function itemOf({ id, type, broker, userId, occurredAt }: EventHeadline): EventItem {
  return { id, type, broker, userId, occurredAt: occurredAt.toISOString() };
}
