import { Inject, Injectable } from '@nestjs/common';
import { backgroundConfig, type BackgroundConfig } from './background.config.js';

/** Role of this process, from DESKWIRE_ROLE. `all` is both. */
@Injectable()
export class DeskRole {
  /** It answers REST requests and sockets. */
  readonly web: boolean;
  /** It runs background tasks, jobs, deliveries and feeds. */
  readonly worker: boolean;

  constructor(@Inject(backgroundConfig.token) { role }: BackgroundConfig) {
    this.web = role !== 'worker';
    this.worker = role !== 'web';
  }
}
