import type { Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';

/**
 * Requests in flight, and how to end them without failing one. Counted here and not by `server.close(callback)`,
 * which also waits for every WebSocket.
 */
@Injectable()
export class HttpTraffic {
  private count = 0;
  private whenNone: (() => void) | undefined;

  get inFlight(): number {
    return this.count;
  }

  /** Counts a request until its answer is out or its client gone: 'close' comes in both cases, and once. */
  begin(response: ServerResponse): void {
    this.count++;
    response.once('close', () => {
      if (--this.count === 0) this.whenNone?.();
    });
  }

  /**
   * Stops listening and lets what is in flight finish, for at most `ms`; then what is left is cut.
   * @returns how many requests were cut
   */
  async finish(server: Server, ms: number): Promise<number> {
    if (server.listening) server.close();
    if (this.count > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.whenNone = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const cut = this.count;
    // All, not only the idle: one that was opened and never used counts as neither, and would hold up the close.
    server.closeAllConnections();
    return cut;
  }
}
