import { Injectable } from '@nestjs/common';
import type { DeadDelivery } from './delivery.js';

/** Called in the transaction that gives deliveries up; throwing rolls it back (it is tried again). */
export type DeadListener = (dead: readonly DeadDelivery[]) => Promise<void>;

/**
 * Tells others of dead letters: this lib knows no events, so whoever knows them records the operator event here.
 * What found no room in a held lane is not told (its lane's owner has told operators of the lane), only counted.
 */
@Injectable()
export class DeadLetters {
  private readonly listeners: DeadListener[] = [];

  onDead(listener: DeadListener): void {
    this.listeners.push(listener);
  }

  async tell(dead: readonly DeadDelivery[]): Promise<void> {
    if (dead.length === 0) return;
    for (const listener of this.listeners) await listener(dead);
  }
}
