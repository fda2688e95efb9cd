import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { type Cache, Caches } from '#caching';
import { HostTurnsRepository } from './host-turns.repository.js';

const MAX_HOSTS = 1_000;
const HOST_BYTES = 100;

/**
 * Spaces requests to a host evenly, over all processes: at 8 per second, each starts 125 ms after the previous one of
 * any process. Without a writable database each process spaces its own requests only.
 */
@Injectable()
export class HostPace {
  private readonly logger = new Logger(HostPace.name);
  /** The next turn of each host in this process. An evicted host, the one idle longest, starts at once. */
  private readonly turns: Cache<{ nextAt: number }>;

  constructor(
    caches: Caches,
    private readonly shared: HostTurnsRepository,
  ) {
    this.turns = caches.open('host_turns', { maxItems: MAX_HOSTS, sizeOf: () => HOST_BYTES });
  }

  /**
   * Resolves at the caller's turn. Turns are granted in the order of the calls, to within a round trip.
   * @param perSecond above 0. Callers of one host may differ: each sets the gap to the turn after its own
   * @throws the signal's reason
   */
  async wait(host: string, perSecond: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const ms = await this.turn(host, 1_000 / perSecond);
    signal?.throwIfAborted();
    if (ms <= 0) return;
    try {
      await sleep(Math.ceil(ms), undefined, { signal });
    } catch (error) {
      throw signal?.reason ?? error;
    }
  }

  private async turn(host: string, spacingMs: number): Promise<number> {
    const local = this.localTurn(host, spacingMs);
    try {
      return (await this.shared.take(host, spacingMs)) ?? local;
    } catch (error) {
      this.logger.warn({
        msg: 'the database did not answer; this process keeps the pace of the host by itself',
        host,
        err: error,
      });
      return local;
    }
  }

  /** @returns time until the turn, in ms */
  private localTurn(host: string, spacingMs: number): number {
    const now = performance.now();
    const turn = this.turns.getOrBuild(host, () => ({ nextAt: now }));
    const at = Math.max(now, turn.nextAt);
    turn.nextAt = at + spacingMs;
    return at - now;
  }
}
