import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Server } from 'node:http';
import { Readiness } from './readiness.js';
import { telemetryConfig, type TelemetryConfig } from './telemetry.config.js';

/** Idle keep-alive clients get this long to send their next request and be told `Connection: close`, instead of a reset. */
const LAME_DUCK_MS = 250;

/**
 * A shutdown that fails no request. Nest's own three ways each do (50 keep-alive clients, SIGTERM): the default never
 * exits, `forceCloseConnections` kills what is in flight, `return503OnClosing` answers 503.
 */
@Injectable()
export class ShutdownSequence {
  private readonly logger = new Logger('Shutdown');
  private readonly drains: { name: string; run: () => Promise<void> | void }[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly readiness: Readiness,
    @Inject(telemetryConfig.token) private readonly config: TelemetryConfig,
  ) {}

  /** Called first, while requests are still served: tell sockets, hand back jobs. */
  onDrain(name: string, run: () => Promise<void> | void): void {
    this.drains.push({ name, run });
  }

  /** Readiness false -> drains -> `Connection: close` on every answer -> stop listening -> the rest in flight -> close. Once. */
  run(server: Server, close: () => Promise<void>): Promise<void> {
    return (this.running ??= this.sequence(server, close));
  }

  private async sequence(server: Server, close: () => Promise<void>): Promise<void> {
    const began = Date.now();
    this.logger.log({ msg: 'draining' });
    this.readiness.drain();
    const left = () => Math.max(0, this.config.shutdownTimeoutMs - 500 - (Date.now() - began));
    const drains = this.drains.map(async ({ name, run }) => {
      try {
        await run();
      } catch (error) {
        this.logger.error({ msg: `drain ${name} failed`, err: error });
      }
    });
    await within(Math.min(1_000, left()), Promise.all(drains));
    await within(LAME_DUCK_MS, new Promise(() => undefined));
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    await within(left(), closed);
    clearInterval(idle);
    server.closeAllConnections();
    await within(left() + 400, close());
    this.logger.log({ msg: 'stopped', durationMs: Date.now() - began });
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
