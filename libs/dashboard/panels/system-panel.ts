import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type EventHeadline, EventsRepository } from '#events';
import { DashboardPanel, type PanelChanges } from '../dashboard-panel.js';
import { ownerKey, type Viewer } from '../viewer.js';

const LATEST = 50;

const item = z.object({
  id: z.uuid(),
  type: z.string(),
  broker: z.string().nullable(),
  userId: z.uuid().nullable(),
  occurredAt: z.iso.datetime(),
});
const schema = z.object({
  latestEvents: z.array(item).describe(`of the newest ${LATEST} of the desk, newest first; operators see all, others their own`),
});
type EventItem = z.output<typeof item>;

interface State {
  events: readonly EventItem[];
}

/** What happened last. */
@Injectable()
export class SystemPanel extends DashboardPanel<State> {
  readonly name = 'system';
  readonly topics = ['events'];
  readonly schema = schema;

  constructor(private readonly events: EventsRepository) {
    super();
  }

  async load(_changes: PanelChanges | undefined, previous: State | undefined): Promise<State> {
    // Events never change: one that is there already is the same.
    const known = new Map(previous?.events.map((event) => [event.id, event]));
    const rows = await this.events.latest(LATEST);
    return { events: rows.map((row) => known.get(row.id) ?? itemOf(row)) };
  }

  viewKey(viewer: Viewer): string {
    return ownerKey(viewer);
  }

  view({ events }: State, viewer: Viewer) {
    return { latestEvents: viewer.operator ? events : events.filter((event) => event.userId === viewer.userId) };
  }
}

function itemOf({ id, type, broker, userId, occurredAt }: EventHeadline): EventItem {
  return { id, type, broker, userId, occurredAt: occurredAt.toISOString() };
}
