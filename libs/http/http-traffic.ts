import type { Server, ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';
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
  private connections = 0;
  private whenUnconnected: (() => void) | undefined;
  private server: Server | undefined;

  /** The server that `finish` stops. */
  watch(server: Server): void {
    this.server = server;
    server.on('connection', (socket) => {
      this.connections++;
      socket.once('close', () => {
        if (--this.connections === 0) this.whenUnconnected?.();
      });
    });
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
   * Stops listening, waits at most `ms` for the requests in flight, then closes every connection. Idle connections stay
   * open for `lingerMs`: a client that sends a request in it is answered, and told to close; one whose idle connection is
   * closed may have sent a request at that moment.
   * @returns how many requests were cut off
   */
  async finish(ms: number, lingerMs: number): Promise<number> {
    // Not the close of HTTP, which closes idle connections at once.
    if (this.server?.listening) TcpServer.prototype.close.call(this.server);
    const none = new Promise<void>((resolve) => (this.whenNone = resolve));
    const unconnected = new Promise<void>((resolve) => (this.whenUnconnected = resolve));
    await Promise.all([
      this.count > 0 && withTimeout(none, ms, () => undefined),
      this.connections > 0 && withTimeout(unconnected, Math.min(ms, lingerMs), () => undefined),
    ]);
    const cut = this.count;
    // All, not only the idle ones: a connection that was opened and never used counts as neither and would delay the close.
    this.server?.closeAllConnections();
    return cut;
  }
}
