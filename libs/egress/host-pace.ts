import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { HostTurns } from './host-turns.js';
import { LocalTurns } from './local-turns.js';

/**
 * Spaces requests to a host evenly, over all processes: at 8 a second, each starts 125 ms after the one before, whoever asks.
 * Without a database that can be written to, this process keeps the pace by itself.
 */
@Injectable()
export class HostPace {
  private readonly logger = new Logger(HostPace.name);
  private readonly local = new LocalTurns();

  /** @param shared by all processes */
  constructor(private readonly shared: HostTurns) {}

  /**
   * Resolves when the caller's turn has come; turns are given in the order of asking, to about a round trip.
   * @param perSecond above 0; callers of one host may differ: the next turn is as far off as the one before it asked for
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
    const local = await this.local.take(host, spacingMs);
    try {
      return (await this.shared.take(host, spacingMs)) ?? local;
    } catch (error) {
      this.logger.warn({
        msg: 'the pace of a host is kept by this process alone: the database did not answer',
        host,
        err: error,
      });
      return local;
    }
  }
}
