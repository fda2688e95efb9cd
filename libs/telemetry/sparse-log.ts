import type { Logger } from '@nestjs/common';

/** Logs a repeated event at once and then at most every `everyMs`, with the number of times it was left out. An attack must not fill the disk. */
export class SparseLog {
  readonly #seen = new Map<string, { at: number; omitted: number }>();

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly everyMs = 10_000,
    private readonly clock: () => number = Date.now,
  ) {}

  /** @param msg one of a few fixed sentences: each has its own interval */
  warn(msg: string, details: object): void {
    const now = this.clock();
    const last = this.#seen.get(msg);
    if (last !== undefined && now - last.at < this.everyMs) {
      last.omitted += 1;
      return;
    }
    this.#seen.set(msg, { at: now, omitted: 0 });
    this.logger.warn({ msg, ...details, ...(last?.omitted ? { omitted: last.omitted } : {}) });
  }
}
