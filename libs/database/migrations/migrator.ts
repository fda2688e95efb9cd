import { Inject, Injectable } from '@nestjs/common';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { AdvisoryKey, withAdvisoryLock } from '../advisory-lock.js';
import { databaseConfig, type DatabaseConfig } from '../database.config.js';
import { DataSources } from '../pools/data-sources.js';
import { MigrationEditedError, SchemaNewerError } from './migration.errors.js';
import { MigrationHistory } from './migration-history.js';
import { checksum, recordSql } from './migration-sql.js';
import { probeServer } from '../server-probe.js';

export interface MigrationState {
  name: string;
  state: 'applied' | 'pending' | 'edited' | 'unknown';
  appliedAt: string | null;
}

export interface PlannedMigration {
  name: string;
  sql: string[];
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
   * @param onLocked called once the lock is held @returns the names applied @throws ServerTooOldError, LockTimeoutError, SchemaNewerError, MigrationEditedError
   */
  up(onLocked?: () => void): Promise<string[]> {
    return this.locked(async (runner, history) => {
      onLocked?.();
      const states = await this.states(runner, history);
      refuseStrangers(states);
      const pending = states.filter((row) => row.state === 'pending').map((row) => row.name);
      for (const migration of this.all(runner.dataSource).filter((m) => pending.includes(nameOf(m)))) {
        const sum = await checksum(migration);
        await inTransaction(runner, migration, async () => {
          await migration.up(runner);
          await history.add(nameOf(migration), sum);
        });
      }
      // They use their own connections while this one holds the lock.
      for (const extension of this.sources.extensions) await extension.install(this.sources.connection('init'));
      return pending;
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
        const migration = this.all(runner.dataSource).find((m) => nameOf(m) === name)!;
        await inTransaction(runner, migration, async () => {
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

  /** Returns the SQL that `up` would run. Changes nothing. */
  plan(): Promise<PlannedMigration[]> {
    return this.connected(async (runner) => {
      const states = await this.states(runner, new MigrationHistory(runner));
      const pending = this.all(runner.dataSource).filter((m) =>
        states.some((row) => row.name === nameOf(m) && row.state === 'pending'),
      );
      return Promise.all(pending.map(async (m) => ({ name: nameOf(m), sql: await recordSql(m, 'up') })));
    });
  }

  /** Returns the statements that would make the schema match the entities. Empty if they agree. */
  check(): Promise<string[]> {
    return this.connected(async (runner) => {
      const drift = await runner.dataSource.driver.createSchemaBuilder().log();
      return drift.upQueries.map((query) => query.query);
    });
  }

  private all(source: DataSource): MigrationInterface[] {
    return [...source.migrations].sort((a, b) => (nameOf(a).slice(-13) < nameOf(b).slice(-13) ? -1 : 1));
  }

  private async states(runner: QueryRunner, history: MigrationHistory): Promise<MigrationState[]> {
    const applied = await history.read();
    const known = await Promise.all(
      this.all(runner.dataSource).map(async (migration): Promise<MigrationState> => {
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

async function inTransaction(
  runner: QueryRunner,
  migration: MigrationInterface,
  work: () => Promise<void>,
): Promise<void> {
  if (migration.transaction === false) return work(); // CREATE INDEX CONCURRENTLY cannot run in a transaction
  await runner.startTransaction();
  try {
    await work();
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}
