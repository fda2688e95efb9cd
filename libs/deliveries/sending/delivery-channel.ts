import { Injectable } from '@nestjs/common';
import type { DeliveryOutcome, OutgoingDelivery, SettledAttempt } from '../ledger/delivery.js';

/** A way out: a signed webhook, the sockets of the desk. */
export abstract class DeliveryChannel {
  /** As lanes name it. */
  abstract readonly name: string;

  /**
   * Sends once, in no transaction, within 15 s by the wall clock: the lease is 20 s. Should rather answer `failed` than
   * throw; what it throws is recorded as a failure.
   * @param signal aborts when the process must stop; the delivery is then handed back
   */
  abstract send(delivery: OutgoingDelivery, signal: AbortSignal): Promise<DeliveryOutcome>;

  /** In the transaction that records the attempts; throwing rolls the recording back (it is tried again). */
  settled?(attempts: readonly SettledAttempt[]): Promise<void>;
}

/** The channels of this program, handed over at start-up. */
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
