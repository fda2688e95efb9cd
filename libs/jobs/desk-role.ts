import { Inject, Injectable } from '@nestjs/common';
import { jobsConfig, type JobsConfig } from './jobs.config.js';

/** What this process is for, from DESKWIRE_ROLE. `all` is both. */
@Injectable()
export class DeskRole {
  /** It answers REST and sockets. */
  readonly web: boolean;
  /** It runs jobs, deliveries and feeds. */
  readonly worker: boolean;

  constructor(@Inject(jobsConfig.token) { role }: JobsConfig) {
    this.web = role !== 'worker';
    this.worker = role !== 'web';
  }
}
