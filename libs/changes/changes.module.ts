import { Global, Module } from '@nestjs/common';
import { ChangeFeedRepository } from './change-feed.repository.js';
import { ChangeListener } from './change-listener.js';
import { Changes } from './changes.js';

@Global()
@Module({ providers: [ChangeFeedRepository, ChangeListener, Changes], exports: [Changes] })
export class ChangesModule {}
