import { Inject, Injectable } from '@nestjs/common';
import { backgroundConfig, type BackgroundConfig, type DESK_ROLES } from './background.config.js';

/** Role of this process, from DESKWIRE_ROLE. `all` is both. */
@Injectable()
export class DeskRole {
  /** It answers REST requests and sockets. */
  readonly web: boolean;
  /** It runs background tasks, jobs, deliveries and feeds. */
  readonly worker: boolean;

  readonly name: (typeof DESK_ROLES)[number];

  constructor(@Inject(backgroundConfig.token) { role }: BackgroundConfig) {
    this.name = role;
    this.web = role !== 'worker';
    this.worker = role !== 'web';
  }
}
