import { Inject, Injectable } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AdvisoryKey, LockTimeoutError, withAdvisoryLock } from '../advisory-lock.js';
import { databaseConfig, type DatabaseConfig } from '../database.config.js';
import { DataSources } from '../pools/data-sources.js';
import { MigrationEditedError, SchemaNewerError } from './migration.errors.js';
import { MigrationHistory } from './migration-history.js';
import { checksum, recordSql } from './migration-sql.js';
import { schemaDifferences, type SchemaDrift } from './schema-drift.js';
import { postgresError } from '../postgres-error.js';
import { probeServer } from '../server-probe.js';

export interface MigrationState {
  name: string;
  state: 'applied' | 'pending' | 'edited' | 'unknown';
  appliedAt: string | null;
}

export interface PlannedMigration {
  name: string;
  sql: string[];
  /** False if each statement commits by itself, as CREATE INDEX CONCURRENTLY requires. */
  transaction: boolean;
  /** Dangerous patterns that the migration accepts, each with the reason. */
  accepted: Readonly<Record<string, string>>;
}

/** Applies, reverts and plans migrations. Each call opens a connection and closes it. */
@Injectable()
export class Migrator {
  constructor(
    private readonly sources: DataSources,
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
  ) {}

  /**
   * Applies pending migrations, one transaction each, then updates the schemas of libraries. It takes the advisory lock before it
   * reads the history. TypeORM's runMigrations reads first: of 8 processes that start on an empty database, 7 fail.
   * @param onLocked called once the lock is held
   * @param confirm gets the pending migrations under the lock and throws to refuse them
   * @param only applies no other migration than these
   * @returns the names applied
   * @throws ServerTooOldError, LockTimeoutError, SchemaNewerError, MigrationEditedError
   */
  up(
    onLocked?: () => void,
    confirm?: (pending: readonly PlannedMigration[]) => void,
    only?: ReadonlySet<string>,
  ): Promise<string[]> {
    return this.locked(async (runner, history) => {
      onLocked?.();
      const states = await this.states(runner, history);
      refuseStrangers(states);
      const pending = this.pending(states.filter(({ name }) => only?.has(name) ?? true));
      confirm?.(await Promise.all(pending.map(recorded)));
      for (const migration of pending) {
        const sum = await checksum(migration);
        await this.inTransaction(runner, migration, async () => {
          await migration.up(runner);
          await history.add(nameOf(migration), sum);
        });
      }
      // They use their own connections while this one holds the lock.
      for (const extension of this.sources.extensions) await extension.install(this.sources.connection('init'));
      return pending.map(nameOf);
    });
  }

  /** Reverts the newest `steps` migrations. Reverting the last one removes the schemas of libraries too. @returns their names */
  down(steps = 1): Promise<string[]> {
    return this.locked(async (runner, history) => {
      const states = await this.states(runner, history);
      refuseStrangers(states);
      const newest = states
        .filter((row) => row.state === 'applied')
        .slice(-steps)
        .reverse();
      for (const { name } of newest) {
        const migration = this.all().find((m) => nameOf(m) === name)!;
        await this.inTransaction(runner, migration, async () => {
          await migration.down(runner);
          await history.remove(name);
        });
      }
      if (newest.length > 0 && (await history.read()).size === 0) {
        for (const statement of this.sources.extensions.flatMap(({ removal }) => removal))
          await runner.query(statement);
      }
      return newest.map((row) => row.name);
    });
  }

  /** Lists all migrations, applied or pending, oldest first. Changes nothing. */
  status(): Promise<MigrationState[]> {
    return this.connected((runner) => this.states(runner, new MigrationHistory(runner)));
  }

  /** Lists the migrations of this code with the checksums of their SQL. Needs no database. */
  checksums(): Promise<{ name: string; checksum: string }[]> {
    return Promise.all(this.all().map(async (one) => ({ name: nameOf(one), checksum: await checksum(one) })));
  }

  /** Returns the SQL that `up` would run. Changes nothing. @throws SchemaNewerError, MigrationEditedError */
  plan(): Promise<PlannedMigration[]> {
    return this.connected(async (runner) => {
      const states = await this.states(runner, new MigrationHistory(runner));
      refuseStrangers(states);
      return Promise.all(this.pending(states).map(recorded));
    });
  }

  /** Returns the SQL of every migration, oldest first, applied or not. Needs no database. */
  recorded(): Promise<PlannedMigration[]> {
    return Promise.all(this.all().map(recorded));
  }

  /** Compares the schema with the entities, and with what the migrations make. Changes nothing. */
  check(): Promise<SchemaDrift> {
    return this.connected(async (runner) => {
      const { upQueries } = await runner.dataSource.driver.createSchemaBuilder().log();
      const statements = upQueries.map((query) => query.query);
      const sql = (await this.recorded()).flatMap((migration) => migration.sql);
      return { statements, differences: await schemaDifferences(runner, sql) };
    });
  }

  private all(): MigrationInterface[] {
    return this.sources.migrations().sort((a, b) => (nameOf(a).slice(-13) < nameOf(b).slice(-13) ? -1 : 1));
  }

  private pending(states: readonly MigrationState[]): MigrationInterface[] {
    const names = new Set(states.filter((row) => row.state === 'pending').map((row) => row.name));
    return this.all().filter((migration) => names.has(nameOf(migration)));
  }

  private async states(runner: QueryRunner, history: MigrationHistory): Promise<MigrationState[]> {
    const applied = await history.read();
    const known = await Promise.all(
      this.all().map(async (migration): Promise<MigrationState> => {
        const row = applied.get(nameOf(migration));
        if (!row) return { name: nameOf(migration), state: 'pending', appliedAt: null };
        const same = row.checksum === null || row.checksum === (await checksum(migration));
        return { name: nameOf(migration), state: same ? 'applied' : 'edited', appliedAt: row.appliedAt };
      }),
    );
    const unknown = [...applied]
      .filter(([name]) => !known.some((row) => row.name === name))
      .map(([name, row]): MigrationState => ({ name, state: 'unknown', appliedAt: row.appliedAt }));
    return [...known, ...unknown];
  }

  private async inTransaction(
    runner: QueryRunner,
    migration: MigrationInterface,
    work: () => Promise<void>,
  ): Promise<void> {
    if (migration.transaction === false) return work(); // CREATE INDEX CONCURRENTLY cannot run in a transaction
    const { migrationTableLockTimeoutMs: tableLockMs } = this.config;
    await runner.startTransaction();
    try {
      await runner.query(`SET LOCAL lock_timeout = ${tableLockMs}`);
      await work();
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      if (postgresError(error)?.code === '55P03')
        throw new LockTimeoutError(
          `${nameOf(migration)} did not get a lock on a table within ${tableLockMs} ms. It changed nothing.`,
        );
      throw error;
    }
  }

  private locked<T>(work: (runner: QueryRunner, history: MigrationHistory) => Promise<T>): Promise<T> {
    return this.connected((runner) =>
      withAdvisoryLock(runner, AdvisoryKey.schema, this.config.migrationLockTimeoutMs, async () => {
        const history = new MigrationHistory(runner);
        await history.create();
        return work(runner, history);
      }),
    );
  }

  private async connected<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    await probeServer(this.sources.url('init'));
    const source = await this.sources.createInit().initialize();
    const runner = source.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
      await source.destroy();
    }
  }
}

/** TypeORM's rule: the class name ends in the 13 digits of its time. */
function nameOf(migration: MigrationInterface): string {
  return migration.name ?? migration.constructor.name;
}

function refuseStrangers(states: readonly MigrationState[]): void {
  const of = (state: MigrationState['state']) => states.filter((row) => row.state === state).map((row) => row.name);
  if (of('unknown').length > 0) throw new SchemaNewerError(of('unknown'));
  if (of('edited').length > 0) throw new MigrationEditedError(of('edited'));
}

async function recorded(migration: MigrationInterface): Promise<PlannedMigration> {
  const { accepted = {} } = migration as { accepted?: Record<string, string> };
  return {
    name: nameOf(migration),
    sql: await recordSql(migration, 'up'),
    transaction: migration.transaction !== false,
    accepted,
  };
}
