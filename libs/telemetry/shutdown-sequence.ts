import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { withTimeout } from '#resilience';
import { telemetryConfig, type TelemetryConfig } from './telemetry.config.js';

/** The requests in flight. */
export interface Traffic {
  readonly inFlight: number;
  /**
   * Takes no new connections, and waits at most `ms` for the requests in flight and `lingerMs` for idle connections.
   * @returns how many requests were cut off
   */
  finish(ms: number, lingerMs: number): Promise<number>;
}

/** Kept back for the app's own closing (pools, jobs) once requests have ended, at most this or a quarter of the limit. */
const CLOSING_MS = 1_000;

/**
 * A shutdown that fails no request. Nest's own three ways each do (50 keep-alive clients, SIGTERM): the default never
 * exits, `forceCloseConnections` kills requests in flight, `return503OnClosing` answers 503.
 */
@Injectable()
export class ShutdownSequence {
  private readonly logger = new Logger('Shutdown');
  private readonly drains: { name: string; run: () => Promise<void> | void }[] = [];
  private running: Promise<boolean> | undefined;
  private draining = false;

  constructor(@Inject(telemetryConfig.token) private readonly config: TelemetryConfig) {}

  /** From the begin of the shutdown on: the process should get no more traffic. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** Called first, while requests are still served, e.g. to notify sockets and release jobs. */
  onDrain(name: string, run: () => Promise<void> | void): void {
    this.drains.push({ name, run });
  }

  /**
   * Not ready -> drains -> `Connection: close` on every answer, new connections still served -> stop listening ->
   * the rest in flight -> `close`. Once, and within SHUTDOWN_TIMEOUT.
   * @returns whether everything ended by itself and in time
   */
  run(traffic: Traffic, close: () => Promise<void>): Promise<boolean> {
    return (this.running ??= this.sequence(traffic, close));
  }

  private async sequence(traffic: Traffic, close: () => Promise<void>): Promise<boolean> {
    const began = performance.now();
    const limit = this.config.shutdownTimeoutMs;
    const left = (keep = 0) => Math.max(1, limit - keep - (performance.now() - began));
    const keep = Math.min(CLOSING_MS, limit / 4);
    const lameDuckMs = Math.min(this.config.shutdownLameDuckMs, limit / 4);
    this.draining = true;
    this.logger.log({ msg: 'draining', requestsInFlight: traffic.inFlight });
    // From here every answer says `Connection: close`. An idle client gets this time to read it instead of a reset.
    await Promise.all([endsWithin(Math.min(keep, left(keep)), this.drainAll()), pause(lameDuckMs)]);
    const cut = await traffic.finish(left(keep), lameDuckMs);
    const closed = await endsWithin(left(), this.attempt('close', close));
    const clean = cut === 0 && closed;
    this.logger[clean ? 'log' : 'error']({
      msg: 'stopped',
      requestsCut: cut,
      closed,
      ms: Math.round(performance.now() - began),
    });
    return clean;
  }

  private async drainAll(): Promise<void> {
    await Promise.all(this.drains.map(({ name, run }) => this.attempt(name, run)));
  }

  private async attempt(name: string, run: () => Promise<void> | void): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.logger.error({ msg: `shutdown step failed: ${name}`, err: error });
    }
  }
}

/** @returns whether `work` ended within `ms` */
function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  return withTimeout(
    work.then(() => true),
    ms,
    () => false,
  );
}
