import type { LoggerService } from '@nestjs/common';
import { ClsServiceManager } from 'nestjs-cls';
import { type DestinationStream, type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { logStream } from './log-stream.js';
import { redact, redactText } from './redact.js';
import type { TelemetryConfig } from './telemetry.config.js';

let latest: Logger | undefined;

/** For the line of each request: past Nest's logger and the masking, which cost as much again; so for fields that hold no secret only. */
export function quickLogger(): Logger | undefined {
  return latest;
}

/**
 * Writes in this process and synchronously: a worker thread loses the last lines, which contain the reason for an exit.
 */
function prettyStream(): DestinationStream {
  return PinoPretty({
    sync: true,
    ignore: 'pid,hostname,context',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if context}[{context}] {end}{msg}',
  });
}

/** Contexts of Nest's own boot: 90 lines per start that repeat the API documents. */
const BOOT_NOISE = new Set([
  'InstanceLoader',
  'NestFactory',
  'NestApplication',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** The one structured logger: secrets are masked by key and by look. Every line carries the correlation id of its context. */
export class PinoLogger implements LoggerService {
  readonly pino: Logger;

  /** @param to for tests; else standard output */
  constructor(config: Pick<TelemetryConfig, 'logLevel' | 'logFormat'>, to?: DestinationStream) {
    const pretty = config.logFormat === 'pretty' || (config.logFormat === 'auto' && process.stdout.isTTY);
    const options = {
      level: config.logLevel,
      base: null,
      formatters: { level: (level: string) => ({ level }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const cls = ClsServiceManager.getClsService();
        const id = cls.isActive() ? cls.getId() : undefined;
        return id ? { correlationId: id } : {};
      },
    };
    this.pino = pino(options, to ?? (pretty ? prettyStream() : logStream()));
    latest = this.pino;
  }

  /** Writes buffered lines, for exits. */
  flush(): void {
    this.pino.flush();
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(BOOT_NOISE.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context last, and for errors a stack before it. */
  private write(
    level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? redactText(rest[0]) : undefined;
    const fields = { context, ...(stack ? { stack } : {}) };
    if (message instanceof Error) this.pino[level]({ ...fields, err: redact(message) }, redactText(message.message));
    else if (typeof message === 'object' && message !== null)
      this.pino[level]({ ...fields, ...(redact(message) as object) });
    else this.pino[level](fields, redactText(String(message)));
  }
}
