import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { askOnFreshConnection } from './fresh-connection.js';

/** Maximum time in ms for an answer of the server. A server that needs longer counts as silent. On a busy machine it may need one second. */
const ANSWER_TIMEOUT_MS = 2_000;
const ASK_AGAIN_MS = 250;

/** `silent`: no answer. `unreachable`: the connection failed at once, so callers may try themselves. */
type Answer = 'writable' | 'read-only' | 'silent' | 'unreachable';

type Listener = (readOnly: boolean) => void;

/**
 * Whether PostgreSQL answers, and whether it accepts writes. A statement that failed in a telling way starts the watch: one
 * that got no answer, or one that was refused because the server is read-only (25006, as on a standby). The watch then asks
 * on new connections, four times a second, until the server answers and accepts writes. Meanwhile callers are refused at once
 * if it is silent, and background work pauses if it is read-only.
 */
export class ServerWatch {
  private readonly logger = new Logger('Database');
  private readonly listeners = new Set<Listener>();
  private watching = false;
  private stopped = false;
  isSilent = false;
  isReadOnly = false;
  /** Called when the server answers after a silence. */
  onAnswer: () => void = () => undefined;
  /** Called when a suspicion ends: the server accepts writes. */
  onWritable: () => void = () => undefined;

  constructor(private readonly connection: () => pg.ClientConfig) {}

  /** Calls the listener when the server begins to refuse writes and when it accepts them again. */
  onReadOnly(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Starts the watch unless it runs. */
  suspect(): void {
    if (this.watching || this.stopped) return;
    this.watching = true;
    void this.watch();
  }

  stop(): void {
    this.stopped = true;
  }

  private async watch(): Promise<void> {
    for (;;) {
      const answer = await this.ask();
      if (this.stopped) return;
      const wasSilent = this.isSilent;
      this.isSilent = answer === 'silent';
      if (wasSilent && !this.isSilent) this.onAnswer();
      if (answer === 'writable') this.onWritable();
      if (answer === 'writable' || answer === 'read-only') this.become(answer === 'read-only');
      if (answer === 'writable') break;
      await new Promise<void>((resolve) => setTimeout(resolve, ASK_AGAIN_MS).unref());
    }
    this.watching = false;
  }

  private become(readOnly: boolean): void {
    if (this.isReadOnly === readOnly) return;
    this.isReadOnly = readOnly;
    if (readOnly) this.logger.warn({ msg: 'PostgreSQL refuses writes; background work pauses until it accepts them' });
    else this.logger.log({ msg: 'PostgreSQL accepts writes again' });
    for (const listener of this.listeners) listener(readOnly);
  }

  private async ask(): Promise<Answer> {
    try {
      // `on` also during recovery, on a standby.
      const [row] = await askOnFreshConnection<{ refuses: boolean }>(
        this.connection(),
        ANSWER_TIMEOUT_MS,
        `SELECT current_setting('transaction_read_only') = 'on' AS refuses`,
      );
      return row!.refuses ? 'read-only' : 'writable';
    } catch (error) {
      return /timeout/.test((error as Error).message) ? 'silent' : 'unreachable';
    }
  }
}
