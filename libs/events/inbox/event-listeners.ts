import { Injectable } from '@nestjs/common';
import type { EventListener, RecordedRow, Teller } from './event-listener.js';

/** The event listeners of this process. */
@Injectable()
export class EventListeners {
  private readonly listeners: EventListener[] = [];

  /** Call it in a constructor or in onModuleInit, before any event is recorded. */
  add(listener: EventListener): void {
    this.listeners.push(listener);
  }

  get none(): boolean {
    return this.listeners.length === 0;
  }

  /** Notifies the listeners one after the other, in the open transaction. @throws the error of a listener */
  async notify(events: readonly RecordedRow[], teller: Teller): Promise<void> {
    if (events.length === 0) return;
    for (const listener of this.listeners) await listener.recorded(events, teller);
  }
}
