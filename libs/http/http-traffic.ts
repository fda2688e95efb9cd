import type { Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { withTimeout } from '#resilience';
import type { Traffic } from '#telemetry';

/**
 * Counts the requests in progress and ends them without failing one. `server.close(callback)` also waits for every
 * WebSocket, so it is not used.
 */
@Injectable()
export class HttpTraffic implements Traffic {
  private count = 0;
  private whenNone: (() => void) | undefined;
  private server: Server | undefined;

  /** The server that `finish` stops. */
  watch(server: Server): void {
    this.server = server;
  }

  get inFlight(): number {
    return this.count;
  }

  /** Counts a request until its answer is sent or its client disconnects: 'close' is emitted once in both cases. */
  begin(response: ServerResponse): void {
    this.count++;
    response.once('close', () => {
      if (--this.count === 0) this.whenNone?.();
    });
  }

  /**
   * Stops listening, waits at most `ms` for the requests in flight, then closes every connection.
   * @returns how many requests were cut off
   */
  async finish(ms: number): Promise<number> {
    if (this.server?.listening) this.server.close();
    if (this.count > 0) {
      const none = new Promise<void>((resolve) => (this.whenNone = resolve));
      await withTimeout(none, ms, () => undefined);
    }
    const cut = this.count;
    // All, not only the idle ones: a connection that was opened and never used counts as neither and would delay the close.
    this.server?.closeAllConnections();
    return cut;
  }
}
