import { Inject, Injectable, Logger } from '@nestjs/common';
import { ExponentialBackoff, fullJitterGenerator } from 'cockatiel';
import { DomainError } from '#errors';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { DataSources, POOL_NAMES } from './pools/data-sources.js';
import { MigrationEditedError, SchemaNewerError } from './migrations/migration.errors.js';
import { Migrator } from './migrations/migrator.js';
import { probeServer } from './server-probe.js';

/** The phases of a start, in order; `failed` is final. */
export const STARTUP_PHASES = ['connect', 'lock', 'migrate', 'auth', 'checks', 'ready'] as const;
export type StartupPhase = (typeof STARTUP_PHASES)[number] | 'failed';

/** A phase that the start has entered. */
export interface StartupStep {
  phase: StartupPhase;
  at: string;
  attempts: number;
  lastError: string | null;
}

/** Work of another lib within a phase. */
interface AddedStep {
  phase: 'auth' | 'checks';
  name: string;
  run: () => Promise<void>;
}

/** Maximum time between attempts, so a returning PostgreSQL is noticed within 2 s. Full jitter spreads the retries of several processes. */
const BACKOFF = { initialDelay: 100, maxDelay: 1_000, generator: fullJitterGenerator };

/**
 * The start as a state machine, visible at /health/startup: connect -> lock -> migrate -> auth -> checks -> ready.
 * The HTTP server listens before the start begins. Until `ready`, every route except health answers 503. All work that the
 * start promises (the first admin, the built-in rules) is therefore a step before `ready`.
 */
@Injectable()
export class Startup {
  private readonly logger = new Logger('Startup');
  private readonly added: AddedStep[] = [];
  private readonly history: StartupStep[] = [];
  private readonly ready = Promise.withResolvers<void>();
  private stopped = false;
  private wake: (() => void) | undefined;
  pendingMigrations: string[] = [];
  failure: Error | undefined;

  constructor(
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
    private readonly sources: DataSources,
    private readonly migrator: Migrator,
  ) {
    this.ready.promise.catch(() => undefined);
  }

  get phase(): StartupPhase {
    return this.history.at(-1)?.phase ?? 'connect';
  }

  get isReady(): boolean {
    return this.phase === 'ready';
  }

  /** Each phase entered, with its time and attempts. */
  get steps(): readonly StartupStep[] {
    return this.history;
  }

  /**
   * Adds a step to a phase; call it in `onModuleInit`. The step runs with the pools connected and the schema current,
   * in every process and again after a lost connection, so it must be safe to repeat and to run in several processes at once.
   */
  addStep(phase: AddedStep['phase'], name: string, run: () => Promise<void>): void {
    this.added.push({ phase, name, run });
  }

  /** Resolves at `ready`; rejects when the start failed for good. */
  whenReady(): Promise<void> {
    return this.ready.promise;
  }

  /** Runs all phases, and starts again at `connect` after a lost connection. @throws ServerTooOldError, SchemaNewerError, MigrationEditedError, or the error of a step */
  async run(): Promise<void> {
    const backoff = new ExponentialBackoff(BACKOFF);
    let next = backoff.next();
    for (let attempt = 1; !this.stopped; attempt++) {
      try {
        await this.once();
        if (this.stopped) return;
        this.ready.resolve();
        return;
      } catch (error) {
        if (this.stopped) return;
        if (!worthWaiting(error)) return this.fail(error as Error);
        const step = this.history.at(-1)!;
        step.attempts = attempt;
        step.lastError = (error as Error).message || String((error as { code?: string }).code);
        this.logger.warn({
          msg: `waiting for PostgreSQL (${step.phase})`,
          attempt,
          nextMs: Math.round(next.duration),
          error: step.lastError,
        });
        await this.pause(next.duration);
        next = next.next(undefined);
      }
    }
  }

  /** Ends a start that still waits. */
  stop(): void {
    this.stopped = true;
    this.wake?.();
  }

  private async once(): Promise<void> {
    this.enter('connect');
    await probeServer(this.sources.url('app'), this.config.acquireTimeoutMs);
    this.enter('lock');
    await this.migrate();
    for (const source of POOL_NAMES.map((name) => this.sources[name])) {
      if (this.stopped) return;
      if (!source.isInitialized) await source.initialize();
      if (this.stopped && source.isInitialized) return source.destroy(); // stopped meanwhile, so nothing else closes it
    }
    for (const phase of ['auth', 'checks'] as const) {
      this.enter(phase);
      for (const step of this.added.filter((one) => one.phase === phase)) {
        if (this.stopped) return;
        this.logger.debug({ msg: `start: ${phase}, ${step.name}` });
        await step.run();
      }
    }
    this.enter('ready');
  }

  /** Applies pending migrations, or waits until another process or an operator has applied them. */
  private async migrate(): Promise<void> {
    if (this.config.migrateOnStart && !this.config.readOnly) {
      const applied = await this.migrator.up(() => this.enter('migrate'));
      if (applied.length > 0) this.logger.log({ msg: 'migrations applied', applied });
      this.pendingMigrations = [];
      return;
    }
    for (;;) {
      const states = await this.migrator.status();
      const of = (state: string) => states.filter((row) => row.state === state).map((row) => row.name);
      if (of('unknown').length > 0) throw new SchemaNewerError(of('unknown'));
      if (of('edited').length > 0) throw new MigrationEditedError(of('edited'));
      this.pendingMigrations = of('pending');
      if (this.pendingMigrations.length === 0 || this.stopped) return;
      if (this.phase !== 'migrate') {
        this.enter('migrate');
        this.logger.warn({ msg: 'migrations are pending: run `deskwire migrate up`', pending: this.pendingMigrations });
      }
      await this.pause(1_000);
    }
  }

  private enter(phase: StartupPhase): void {
    if (this.history.at(-1)?.phase === phase) return;
    if (phase === 'connect') this.history.length = 0;
    this.history.push({ phase, at: new Date().toISOString(), attempts: 0, lastError: null });
    this.logger.log({ msg: `start: ${phase}` });
  }

  private fail(error: Error): never {
    this.failure = error;
    this.enter('failed');
    this.history.at(-1)!.lastError = error.message;
    this.ready.reject(error);
    throw error;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether waiting can help: PostgreSQL is absent, starting (57P03), restarting, out of connections (53300) or read-only (25006). */
function worthWaiting(error: unknown): boolean {
  if (error instanceof DomainError) return error.details.kind === 'unavailable'; // a step got no connection from its pool
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (/^(57P|08|53|25006)/.test(code) || /^E[A-Z]+$/.test(code)) return true;
  return error instanceof AggregateError || /Connection terminated|timeout|ECONN/.test(message);
}
