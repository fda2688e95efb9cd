import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { RecordedRow } from './inbox/event-listener.js';
import { insertEventsSql, recordEventsSql } from './record-events-sql.js';

/** A row of trading_events as the statements below return it. */
export interface EventRow {
  id: string;
  type: string;
  version: number;
  broker: string | null;
  userId: string | null;
  instrumentId: string | null;
  correlationId: string | null;
  causationId: string | null;
  payload: unknown;
  occurredAt: Date;
  recordedAt: Date;
}

/** An event as the dashboard shows it. */
export type EventHeadline = Pick<EventRow, 'id' | 'type' | 'broker' | 'userId' | 'occurredAt'>;

export type NewEventRow = RecordedRow;

export interface EventFilter {
  correlationId?: string | undefined;
  user?: string | undefined;
  /** Events of this user and events without a user. */
  userOrNobody?: string | undefined;
  /** Events of these types. */
  types?: readonly string[] | undefined;
  /** The first id of the range, and the first id after it. */
  fromId?: string | undefined;
  toId?: string | undefined;
  /** Events with a lower id: the last id of the previous page. */
  beforeId?: string | undefined;
  /** Events with a higher id. */
  afterId?: string | undefined;
  /** Default: the newest. */
  oldestFirst?: boolean;
  limit: number;
}

const COLUMNS = `id, type, version, broker, user_id AS "userId", instrument_id AS "instrumentId",
  correlation_id AS "correlationId", causation_id AS "causationId", payload,
  occurred_at AS "occurredAt", recorded_at AS "recordedAt"`;

const HEADLINE = `id, type, broker, user_id AS "userId", occurred_at AS "occurredAt"`;

const GIVEN = `
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
    $8::uuid[], $9::jsonb[], $10::timestamptz[])`;
const INSERT = `WITH ${insertEventsSql(GIVEN)} SELECT id FROM recorded_events`;
const INSERT_FOR_INBOX = `WITH ${recordEventsSql(GIVEN)} SELECT id FROM recorded_events`;

/** All SQL of trading_events. */
@Injectable()
export class EventsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Inserts events with new ids and appends them to the change feed.
   * @param told whether the caller notifies the listeners. If not, the inbox keeps the events for another process
   * @returns the inserted ids
   */
  async insert(events: readonly NewEventRow[], told: boolean): Promise<Set<string>> {
    const column = <K extends keyof NewEventRow>(name: K) => events.map((event) => event[name]);
    const rows = await this.database.prepared<{ id: string }>(told ? INSERT : INSERT_FOR_INBOX, [
      column('id'),
      column('type'),
      column('version'),
      column('broker'),
      column('userId'),
      column('instrumentId'),
      column('correlationId'),
      column('causationId'),
      events.map((event) => JSON.stringify(event.payload)),
      column('occurredAt'),
    ]);
    return new Set(rows.map((row) => row.id));
  }

  async find(id: string): Promise<EventRow | undefined> {
    const [row] = await this.database.rows<EventRow>(`SELECT ${COLUMNS} FROM trading_events WHERE id = $1`, [id]);
    return row;
  }

  /** Returns one page, by default newest first. Time bounds are bounds of the id, so partitions of other months are not read. */
  page(filter: EventFilter): Promise<EventRow[]> {
    const params: unknown[] = [filter.limit];
    const conditions = Database.conditions(params, [
      ['correlation_id = ', filter.correlationId, 'text'],
      ['type = ANY ', filter.types, 'text[]'],
      ['user_id = ', filter.user, 'uuid'],
      ['id >= ', filter.fromId, 'uuid'],
      ['id < ', filter.toId, 'uuid'],
      ['id < ', filter.beforeId, 'uuid'],
      ['id > ', filter.afterId, 'uuid'],
    ]);
    if (filter.userOrNobody !== undefined)
      conditions.push(`(user_id = $${params.push(filter.userOrNobody)}::uuid OR user_id IS NULL)`);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.database.rows<EventRow>(
      `SELECT ${COLUMNS} FROM trading_events ${where} ORDER BY id ${filter.oldestFirst ? 'ASC' : 'DESC'} LIMIT $1`,
      params,
    );
  }

  /** Returns the newest `count` events, newest first. Depends on the snapshot only. */
  latest(count: number): Promise<EventHeadline[]> {
    return this.database.prepared<EventHeadline>(`SELECT ${HEADLINE} FROM trading_events ORDER BY id DESC LIMIT $1`, [
      count,
    ]);
  }

  /** Removes the events of these users, and appends that to the change feed. @returns their number */
  removeOfUsers(userIds: readonly string[]): Promise<number> {
    return this.removeWhere('user_id', userIds);
  }

  /** Removes these events, and appends that to the change feed. @returns their number */
  remove(ids: readonly string[]): Promise<number> {
    return this.removeWhere('id', ids);
  }

  private async removeWhere(column: 'user_id' | 'id', ids: readonly string[]): Promise<number> {
    const [row] = await this.database.rows<{ removed: string }>(
      `WITH removed AS (DELETE FROM trading_events WHERE ${column} = ANY ($1::uuid[]) RETURNING id),
        feed AS (${appendSql('events', 'id::text')} FROM removed)
       SELECT count(*) AS removed FROM removed`,
      [ids],
    );
    return Number(row!.removed);
  }
}
