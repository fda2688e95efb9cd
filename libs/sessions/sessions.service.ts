import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { isOperator, ownedBy, ownRowsOf, type Principal } from '#auth';
import { Changes } from '#changes';
import { EventLog } from '#events';
import { correlationId } from '#telemetry';
import { pageFrom } from '#http';
import { uuid7 } from '#ids';
import type { OrderKey } from '#text';
import { Clock } from '#time';
import { SessionExpiry } from './session-expiry.js';
import { type SessionRow, toSessionView } from './session-row.js';
import type { SavedRow } from './session-saves.repository.js';
import { SessionSaving } from './session-saving.js';
import { packTokens, SessionSeal } from './session-seal.js';
import {
  type PutSession,
  type SavedSession,
  sessionOrder,
  type SessionsPage,
  type SessionsQuery,
  type SessionView,
} from './session.dto.js';
import { othersSessions, sessionNotFound } from './sessions.errors.js';
import { SessionsRepository } from './sessions.repository.js';

/** The broker sessions of users. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly saving: SessionSaving,
    private readonly seal: SessionSeal,
    private readonly expiry: SessionExpiry,
    private readonly changes: Changes,
    private readonly events: EventLog,
    private readonly clock: Clock,
    @InjectMetric('sessions_upserts_total') private readonly upserts: Counter<'outcome'>,
  ) {}

  /**
   * Saves a user's session. The last token wins; saving the same again changes nothing.
   * One statement, or for a new session one transaction; inside an open one it joins it.
   * @throws DomainError SESSIONS_TOO_MANY
   */
  async save(userId: string, given: PutSession): Promise<SavedSession> {
    const key = { userId, broker: given.broker, account: given.account };
    const occurredAt = this.clock.now();
    const tokens = packTokens(given);
    const { saved: row, row: current } = await this.saving.save({
      ...key,
      sealed: this.seal.seal(key, tokens),
      fingerprints: this.seal.fingerprints(key, tokens),
      loginMethod: given.loginMethod,
      expiresAt: new Date(given.expiresAt),
      details: JSON.stringify(given.details),
      eventId: uuid7(occurredAt),
      correlationId: correlationId(),
      occurredAt,
    });
    const outcome = outcomeOf(row);
    this.upserts.inc({ outcome });
    if (row !== undefined) {
      this.events.count(row.recordedTypes);
      this.changes.hint();
      this.expiry.expect(row.expiresAt);
    }
    if (current === undefined) throw sessionNotFound(`at ${key.broker} for ${key.account}`); // the user was just removed
    return { ...toSessionView(current), outcome };
  }

  /** The caller's sessions; operators see all. @throws DomainError SESSIONS_NOT_YOURS */
  async list(
    principal: Principal,
    { userId, broker, state, sort, limit, cursor }: SessionsQuery,
  ): Promise<SessionsPage> {
    const all = isOperator(principal);
    if (!all && userId?.some((id) => id !== principal.userId)) throw othersSessions();
    const rows = await this.sessions.page({
      ...{ userIds: all ? userId : [principal.userId], brokers: broker, states: state },
      ...{ sort, after: cursor, limit: limit + 1 },
    });
    return pageFrom(rows, limit, (row) => sessionKey(sort, row), toSessionView);
  }

  /**
   * @throws DomainError SESSIONS_NOT_FOUND, also for sessions of other users, so a caller cannot detect whether one
   * exists
   */
  async get(principal: Principal, id: string): Promise<SessionView> {
    return toSessionView(await this.visible(principal, id));
  }

  /** Closes a session and erases its token; closing it again changes nothing. @throws DomainError SESSIONS_NOT_FOUND */
  async close(principal: Principal, id: string): Promise<void> {
    const recorded = await this.sessions.close(id, ownRowsOf(principal), correlationId(), this.clock.now());
    if (recorded === undefined) return void (await this.visible(principal, id));
    this.events.count(recorded);
    this.changes.hint();
  }

  private async visible(principal: Principal, id: string): Promise<SessionRow> {
    const row = await this.sessions.find(id);
    if (row === undefined || !ownedBy(principal, row)) throw sessionNotFound(id);
    return row;
  }
}

function sessionKey(sort: SessionsQuery['sort'], { id, broker, expiresAt, updatedAt }: SessionRow): OrderKey {
  const times = { expiresAt: expiresAt.toISOString(), updatedAt: updatedAt.toISOString() };
  return sessionOrder.keyOf(sort, id, { createdAt: '', broker, ...times });
}

function outcomeOf(row: SavedRow | undefined): SavedSession['outcome'] {
  if (row === undefined) return 'unchanged';
  if (row.opened) return 'opened';
  return row.tokenChanged ? 'token_changed' : 'updated';
}
