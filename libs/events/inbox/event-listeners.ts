import { Injectable } from '@nestjs/common';
import type { EventListener, RecordedRow } from './event-listener.js';

/** Who listens in this process. */
@Injectable()
export class EventListeners {
  private readonly listeners: EventListener[] = [];

  /** Call it while the modules are wired (constructor or onModuleInit), before anything is recorded. */
  add(listener: EventListener): void {
    this.listeners.push(listener);
  }

  get none(): boolean {
    return this.listeners.length === 0;
  }

  /** Each in turn, in the open transaction. @throws what a listener throws */
  async tell(events: readonly RecordedRow[]): Promise<void> {
    if (events.length === 0) return;
    for (const listener of this.listeners) await listener.recorded(events);
  }
}
