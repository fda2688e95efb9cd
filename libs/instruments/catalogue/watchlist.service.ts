import { Inject, Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { Quotas } from '#quotas';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import { instrumentNotFound, notFollowed, tooManyFollowed } from '../instruments.errors.js';
import { type FollowedRow, WatchlistRepository } from './watchlist.repository.js';

/** Watchlists. A follower keeps the contract when its symbol or key changes. */
@Injectable()
export class WatchlistService {
  constructor(
    private readonly watchlist: WatchlistRepository,
    private readonly changes: Changes,
    private readonly quotas: Quotas,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /** Repeating it is not an error, also at the maximum. @throws DomainError INSTRUMENTS_NOT_FOUND, INSTRUMENTS_TOO_MANY_FOLLOWED */
  @Atomic()
  async follow(userId: string, instrumentId: string): Promise<FollowedRow> {
    const { found, added } = await this.watchlist.follow(userId, instrumentId);
    if (!found) throw instrumentNotFound(instrumentId);
    const max = this.config.maxWatched;
    if (added)
      await this.quotas.keep({
        name: 'watched_instruments',
        owner: userId,
        max,
        count: () => this.watchlist.countOf(userId),
        refusal: () => tooManyFollowed(max),
      });
    this.changes.hint();
    return this.get(userId, instrumentId);
  }

  /** Repeating it is not an error. */
  async unfollow(userId: string, instrumentId: string): Promise<void> {
    await this.watchlist.unfollow(userId, instrumentId);
    this.changes.hint();
  }

  /** @throws DomainError INSTRUMENTS_NOT_FOLLOWED */
  async get(userId: string, instrumentId: string): Promise<FollowedRow> {
    const followed = await this.watchlist.find(userId, instrumentId);
    if (!followed) throw notFollowed(instrumentId);
    return followed;
  }

  list(userId: string, limit: number, after?: string): Promise<FollowedRow[]> {
    return this.watchlist.list(userId, limit, after);
  }
}
