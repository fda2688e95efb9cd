import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { AlertsRepository } from './alerts.repository.js';

/** Rules over events, the alerts they raise, and the messages made of them. */
@Module({
  imports: [ChangesModule, EventsModule],
  providers: [AlertsRepository],
  exports: [AlertsRepository],
})
export class AlertsModule {}
