import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, Startup } from '#database';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { LoginsRepository } from './logins.repository.js';

const EVERY_MS = 3_600_000;
/** Kept so long after their end: the networks of an owner's logins are what lets him in while he is under attack. */
const KEPT_DAYS = 30;

/** What auth does by itself: once an hour removes logins that ended long ago. */
@Injectable()
export class LoginHousekeeping implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(LoginHousekeeping.name);
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly startup: Startup,
    private readonly database: Database,
    private readonly logins: LoginsRepository,
    private readonly hasher: PasswordHasher,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.hasher.prepare();
    const begin = (): void => {
      if (!this.#stopped) this.#timer = setInterval(() => void this.sweep(), EVERY_MS).unref();
    };
    // A start that failed for good is told by whoever runs it.
    void this.startup.whenReady().then(begin, () => undefined);
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** @returns how many logins were removed */
  async sweep(): Promise<number> {
    if (this.database.readOnly) return 0;
    let removed = 0;
    try {
      for (let batch = -1; batch !== 0 && !this.#stopped; removed += batch)
        batch = await this.logins.deleteEnded(KEPT_DAYS);
    } catch (error) {
      this.logger.warn({ msg: 'old logins could not be removed; tried again in an hour', err: error });
    }
    return removed;
  }
}
