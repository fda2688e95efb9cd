import { Logger } from '@nestjs/common';
import { ClsServiceManager } from 'nestjs-cls';
import { secondConnection } from '../database.errors.js';

const CLS_KEY = Symbol('deskwire:held-connections');

/** One acquired connection. */
interface Held {
  pool: string;
  since: number;
  correlationId: string;
  reported: boolean;
}

/** Number of connections that the current request, job or message holds. */
interface ContextCount {
  held: number;
}

/**
 * Records who holds which connection. No request may hold two: with a pool of N, N requests that each hold one and wait
 * for a second would wait indefinitely. Connections that are held too long are logged.
 */
export class HeldConnections {
  private readonly logger = new Logger('Database');
  private readonly all = new Set<Held>();
  secondAcquisitions = 0;
  heldTooLong = 0;

  constructor(private readonly refuseSecond: boolean) {}

  /**
   * The counter of the current context, undefined outside of one. Called before a nested context opens, so both share
   * one counter.
   */
  static ofContext(): ContextCount | undefined {
    const cls = ClsServiceManager.getClsService();
    if (!cls.isActive()) return undefined;
    let count = cls.get<ContextCount | undefined>(CLS_KEY as never);
    if (!count) cls.set(CLS_KEY as never, (count = { held: 0 }) as never);
    return count;
  }

  /** Counts one acquisition. The returned function releases it, once. */
  take(pool: string): () => void {
    const context = HeldConnections.ofContext();
    if (context && context.held > 0) {
      this.secondAcquisitions++;
      if (this.refuseSecond) throw secondConnection(pool);
      this.logger.warn({ msg: 'a second connection in one context', pool, stack: new Error('acquired here').stack });
    }
    const correlationId = ClsServiceManager.getClsService().isActive()
      ? ClsServiceManager.getClsService().getId()
      : undefined;
    const held: Held = { pool, since: Date.now(), correlationId: correlationId ?? 'none', reported: false };
    this.all.add(held);
    if (context) context.held++;
    return () => {
      if (this.all.delete(held) && context) context.held--;
    };
  }

  /** Logs and counts connections held longer than `limitMs`, each once. */
  reportLongHeld(limitMs: number, now = Date.now()): void {
    for (const held of this.all) {
      if (held.reported || now - held.since < limitMs) continue;
      held.reported = true;
      this.heldTooLong++;
      this.logger.warn({
        msg: 'connection held too long',
        pool: held.pool,
        heldMs: now - held.since,
        correlationId: held.correlationId,
      });
    }
  }
}
