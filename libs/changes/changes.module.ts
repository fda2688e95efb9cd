import { Global, Inject, Module } from '@nestjs/common';
import { Retention } from '#background';
import { ChangeFeedRepository } from './change-feed.repository.js';
import { ChangeListener } from './change-listener.js';
import { Changes } from './changes.js';
import { type ChangesConfig, changesConfig } from './changes.config.js';

@Global()
@Module({ providers: [ChangeFeedRepository, ChangeListener, Changes], exports: [Changes] })
export class ChangesModule {
  constructor(
    retention: Retention,
    feed: ChangeFeedRepository,
    @Inject(changesConfig.token) { retentionMs }: ChangesConfig,
  ) {
    retention.keep({
      table: 'change_feed',
      every: 60_000,
      batch: 50_000,
      remove: (limit) => feed.purge(retentionMs, limit),
    });
  }
}
