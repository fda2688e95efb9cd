import { Injectable, Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSources } from '#database';

/** Listens on a connection of its own and reconnects when it breaks. A hint may be lost, so readers poll as well. */
@Injectable()
export class ChangeListener {
  private readonly logger = new Logger('Changes');
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;
  private warned = false;

  constructor(private readonly sources: DataSources) {}

  /** @param onHint gets the sender of a NOTIFY, or nothing when some may have been missed */
  async start(onHint: (sender?: string) => void): Promise<void> {
    if (this.stopped) return;
    const client = new pg.Client({
      ...this.sources.connection('app'),
      application_name: 'deskwire-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    this.client = client;
    const reconnect = (error?: Error) => {
      if (this.client !== client) return;
      this.client = undefined;
      client.removeAllListeners('notification');
      // Warns once per outage: a standby cannot LISTEN and would otherwise warn every second.
      if (error && !this.warned)
        this.logger.warn({ msg: 'LISTEN lost; polling until it is back', error: error.message });
      this.warned ||= error !== undefined;
      if (!this.stopped) this.retry = setTimeout(() => void this.start(onHint), 1_000).unref();
    };
    client.on('error', reconnect);
    client.on('end', () => reconnect());
    client.on('notification', ({ payload }) => onHint(payload));
    try {
      await client.connect();
      await client.query('LISTEN deskwire_changes');
      this.warned = false;
      onHint(); // changes may have been announced while the connection was down
    } catch (error) {
      reconnect(error as Error);
      await client.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}
