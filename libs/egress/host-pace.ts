import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** Hosts whose pace is remembered; one that is forgotten was idle longest. */
const MOST = 1_000;

/** Spaces requests to a host evenly: at 8 a second, each starts 125 ms after the one before, however they came. */
@Injectable()
export class HostPace {
  private readonly next = new Map<string, number>();

  /**
   * Resolves when the caller's turn has come; turns are given in the order of asking.
   * @param perSecond above 0
   * @throws the signal's reason
   */
  async wait(host: string, perSecond: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const now = performance.now();
    const turn = Math.max(now, this.next.get(host) ?? 0);
    this.next.delete(host);
    this.next.set(host, turn + 1_000 / perSecond);
    if (this.next.size > MOST) this.next.delete(this.next.keys().next().value!);
    if (turn <= now) return;
    try {
      await sleep(Math.ceil(turn - now), undefined, { signal });
    } catch (error) {
      throw signal?.reason ?? error;
    }
  }
}
