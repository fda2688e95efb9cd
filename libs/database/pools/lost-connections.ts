import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { askOnFreshConnection } from './fresh-connection.js';

const CHECK_EVERY_MS = 500;
const ANSWER_TIMEOUT_MS = 1_000;

/** A connection that waits for the answer to a statement. */
export interface WaitingConnection {
  /** Process id of its backend. */
  pid: number;
  /** Whether it still waits for that answer. */
  waits: () => boolean;
  destroy: () => void;
}

/**
 * Gives up connections whose answer a network has lost, after a silence of the server: the server says on a new connection
 * that their backend is gone or has nothing to do. Without it they would wait for the limit of their statement, and the
 * dashboard with them. A statement that the server still runs is left alone.
 */
export class LostConnections {
  private readonly logger = new Logger('Database');
  private checking = false;

  constructor(private readonly connection: () => pg.ClientConfig) {}

  /** Checks these connections until each has its answer or is given up. */
  async check(waiting: readonly WaitingConnection[]): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    for (let left = waiting; left.length > 0; left = left.filter(({ waits }) => waits())) {
      await new Promise<void>((resolve) => setTimeout(resolve, CHECK_EVERY_MS).unref());
      left = left.filter(({ waits }) => waits());
      const working = left.length === 0 ? undefined : await this.working(left.map(({ pid }) => pid));
      if (working === undefined) break; // nothing left, or away again
      const lost = left.filter(({ pid, waits }) => !working.has(pid) && waits());
      for (const one of lost) one.destroy();
      if (lost.length > 0) this.logger.warn({ msg: 'connections without an answer given up', count: lost.length });
    }
    this.checking = false;
  }

  /** The backends that run a statement. */
  private async working(pids: readonly number[]): Promise<Set<number> | undefined> {
    try {
      const rows = await askOnFreshConnection<{ pid: number }>(
        this.connection(),
        ANSWER_TIMEOUT_MS,
        `SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int[]) AND state NOT LIKE 'idle%'`,
        [pids],
      );
      return new Set(rows.map(({ pid }) => pid));
    } catch {
      return undefined;
    }
  }
}
