import { Injectable, Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSources } from '#database';

/** LISTEN on a connection of its own, mended when it breaks. A hint may be lost: readers poll as well. */
@Injectable()
export class ChangeListener {
  private readonly logger = new Logger('Changes');
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;
  private told = false;

  constructor(private readonly sources: DataSources) {}

  async start(onHint: () => void): Promise<void> {
    if (this.stopped) return;
    const client = new pg.Client({
      ...this.sources.connection('app'),
      application_name: 'deskwire-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    this.client = client;
    const mend = (error?: Error) => {
      if (this.client !== client) return;
      this.client = undefined;
      client.removeAllListeners('notification');
      // Once an outage: a standby, which cannot LISTEN, would say so each second for ever.
      if (error && !this.told) this.logger.warn({ msg: 'LISTEN lost; polling until it is back', error: error.message });
      this.told ||= error !== undefined;
      if (!this.stopped) this.retry = setTimeout(() => void this.start(onHint), 1_000).unref();
    };
    client.on('error', mend);
    client.on('end', () => mend());
    client.on('notification', onHint);
    try {
      await client.connect();
      await client.query('LISTEN deskwire_changes');
      this.told = false;
      onHint(); // whatever was announced while nobody listened
    } catch (error) {
      mend(error as Error);
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
