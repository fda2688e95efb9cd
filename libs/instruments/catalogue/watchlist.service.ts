import { Inject, Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { Quotas } from '#quotas';
import type { OrderKey } from '#text';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import { instrumentNotFound, notFollowed, tooManyFollowed } from '../instruments.errors.js';
import type { ChangeWatchlist, WatchlistChanged, WatchlistQuery } from './instrument.dto.js';
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
    if (added) await this.keepQuota(userId);
    this.changes.hint();
    return this.get(userId, instrumentId);
  }

  /**
   * Follows and stops following contracts, all or, beyond the maximum, none. An id without a contract stops no other.
   * @throws DomainError INSTRUMENTS_TOO_MANY_FOLLOWED
   */
  @Atomic()
  async change(userId: string, { follow, unfollow }: ChangeWatchlist): Promise<WatchlistChanged> {
    const unfollowed = await this.watchlist.unfollowMany(userId, unfollow);
    const { found, added } = await this.watchlist.followMany(userId, follow);
    if (added > 0) await this.keepQuota(userId);
    this.changes.hint();
    const known = new Set(found);
    return { followed: added, unfollowed, notFound: follow.filter((id) => !known.has(id)) };
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

  list(userId: string, limit: number, sort: WatchlistQuery['sort'] = 'id', after?: OrderKey): Promise<FollowedRow[]> {
    return this.watchlist.list(userId, sort, limit, after);
  }

  private keepQuota(userId: string): Promise<void> {
    const max = this.config.maxWatched;
    return this.quotas.keep({
      name: 'watched_instruments',
      owner: userId,
      max,
      count: () => this.watchlist.countOf(userId),
      refusal: () => tooManyFollowed(max),
    });
  }
}
