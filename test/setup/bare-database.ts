import pg from 'pg';
import type { Migrator } from '#database';
import { createEmptyDatabase, migratorOf, type TestDatabase } from './test-database.js';

/** A database without tables and a client of it, for the specs of migrations. */
export class BareDatabase {
  private constructor(
    readonly database: TestDatabase,
    readonly client: pg.Client,
  ) {}

  static async open(): Promise<BareDatabase> {
    const database = await createEmptyDatabase();
    const client = new pg.Client(database.url);
    await client.connect();
    return new BareDatabase(database, client);
  }

  get migrator(): Migrator {
    return migratorOf(this.database.url);
  }

  readonly rows = async (sql: string) => (await this.client.query<Record<string, any>>(sql)).rows;

  async close(): Promise<void> {
    await this.client.end();
    await this.database.drop();
  }
}
