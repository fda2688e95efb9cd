import type { LoggerService } from '@nestjs/common';
import { ClsServiceManager } from 'nestjs-cls';
import { destination, type Logger, pino } from 'pino';
import type { TelemetryConfig } from './telemetry.config.js';

const REDACTED = ['password', 'accessToken', 'refreshToken', 'token', 'secret', 'authorization', 'headers.authorization', 'headers.cookie'];

/** The one structured logger. Every line carries the correlation id of its context. */
export class PinoLogger implements LoggerService {
  readonly pino: Logger;

  constructor(config: Pick<TelemetryConfig, 'logLevel' | 'logFormat'>) {
    const pretty = config.logFormat === 'pretty' || (config.logFormat === 'auto' && process.stdout.isTTY);
    const options = {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: REDACTED,
      mixin: () => {
        const cls = ClsServiceManager.getClsService();
        const id = cls.isActive() ? cls.getId() : undefined;
        return id ? { correlationId: id } : {};
      },
    };
    this.pino = pretty
      ? pino({ ...options, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', messageFormat: '{if context}[{context}] {end}{msg}', hideObject: false } } })
      : // 4 KiB at a time: a line costs 2 µs instead of a write call; flushed at exit
        pino(options, destination({ dest: 1, sync: false, minLength: 4096 }));
  }

  /** Writes out what is buffered; for exits. */
  flush(): void {
    this.pino.flush();
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
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
  private write(level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    const fields = { context, ...(stack ? { stack } : {}) };
    if (message instanceof Error) this.pino[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.pino[level]({ ...fields, ...message });
    else this.pino[level](fields, String(message));
  }
}
