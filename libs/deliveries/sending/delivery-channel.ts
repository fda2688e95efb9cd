import { Injectable } from '@nestjs/common';
import type { DeliveryOutcome, OutgoingDelivery, SettledAttempt } from '../ledger/delivery.js';

/** A means of transport, such as signed webhooks. */
export abstract class DeliveryChannel {
  /** Name in the settings of lanes. */
  abstract readonly name: string;

  /**
   * Sends once, outside a transaction and within 15 s, because the lease is 20 s. Returns `failed` rather than throwing; an error
   * is recorded as a failure.
   * @param signal aborts when the process must stop (the delivery then returns to the queue), or with a TimeoutError when the time is up
   */
  abstract send(delivery: OutgoingDelivery, signal: AbortSignal): Promise<DeliveryOutcome>;

  /** Called in the transaction that records the attempts. An error rolls the recording back, and it is repeated. */
  settled?(attempts: readonly SettledAttempt[]): Promise<void>;
}

/** The channels of this program, added at start. */
@Injectable()
export class DeliveryChannels {
  private readonly channels = new Map<string, DeliveryChannel>();

  add(channel: DeliveryChannel): void {
    this.channels.set(channel.name, channel);
  }

  find(name: string): DeliveryChannel | undefined {
    return this.channels.get(name);
  }

  names(): string[] {
    return [...this.channels.keys()];
  }
}
