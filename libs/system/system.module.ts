import { Module } from '@nestjs/common';
import { CachesController } from './caches.controller.js';

/** What operators see of a running process. */
@Module({ controllers: [CachesController] })
export class SystemModule {}
