import { Inject, Injectable } from '@nestjs/common';
import { Transactions } from '#database';
import { Quotas } from '#quotas';
import { type SavedRow, type SessionSave, SessionSavesRepository } from './session-saves.repository.js';
import { sessionsConfig, type SessionsConfig } from './sessions.config.js';
import { tooManySessions } from './sessions.errors.js';
import type { SessionRow } from './session-row.js';
import { SessionsRepository } from './sessions.repository.js';

/** Saves a session in one statement, and a new one under the quota of its user. */
@Injectable()
export class SessionSaving {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly saves: SessionSavesRepository,
    private readonly transactions: Transactions,
    private readonly quotas: Quotas,
    @Inject(sessionsConfig.token) private readonly config: SessionsConfig,
  ) {}

  /**
   * @returns the written change and the current row; `row` is undefined if the user was just removed
   * @throws DomainError SESSIONS_TOO_MANY
   */
  async save(save: SessionSave): Promise<{ saved: SavedRow | undefined; row: SessionRow | undefined }> {
    // A row that another save adds between the two statements is not known to the first, so the second saves to it.
    const first = await this.saves.save(save, false);
    const saved = first.known ? first.saved : await this.transactions.atomic(() => this.add(save));
    return { saved, row: saved ?? (await this.sessions.findByKey(save)) };
  }

  private async add(save: SessionSave): Promise<SavedRow | undefined> {
    const { saved } = await this.saves.save(save, true);
    const { maxPerUser: max } = this.config;
    await this.quotas.keep({
      name: 'broker_sessions',
      owner: save.userId,
      max,
      count: () => this.saves.countInRoomOf(save.userId, max),
      refusal: () => tooManySessions(max),
    });
    return saved;
  }
}
