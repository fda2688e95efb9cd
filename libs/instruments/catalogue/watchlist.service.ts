import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { instrumentNotFound, notFollowed } from '../instruments.errors.js';
import { type FollowedRow, WatchlistRepository } from './watchlist.repository.js';

/** What a user follows. A follower keeps the contract itself, whatever its symbol or key becomes. */
@Injectable()
export class WatchlistService {
  constructor(
    private readonly watchlist: WatchlistRepository,
    private readonly changes: Changes,
  ) {}

  /** Again is no error. @throws DomainError INSTRUMENTS_NOT_FOUND */
  async follow(userId: string, instrumentId: string): Promise<FollowedRow> {
    if (!(await this.watchlist.follow(userId, instrumentId))) throw instrumentNotFound(instrumentId);
    this.changes.hint();
    return this.get(userId, instrumentId);
  }

  /** Again is no error. */
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
