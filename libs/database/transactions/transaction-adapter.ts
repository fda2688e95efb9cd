import type { TransactionalAdapter } from '@nestjs-cls/transactional';
import type pg from 'pg';
import { type EntityManager, type QueryRunner, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DataSources, type Isolation, isolationOf, type PoolName } from '../pools/data-sources.js';
import { isConnectionLost } from '../postgres-error.js';

export interface TransactionOptions {
  pool: PoolName;
  isolation: Isolation;
  readOnly: boolean;
}

/**
 * Opens, commits and returns connections for @nestjs-cls/transactional. Its TypeORM adapter supports one data source and no
 * READ ONLY. This one chooses the pool, and destroys a connection whose ROLLBACK failed.
 */
export class TransactionAdapter implements TransactionalAdapter<DataSources, EntityManager, TransactionOptions> {
  readonly connectionToken = DataSources;

  readonly optionsFactory = (sources: DataSources) => ({
    getFallbackInstance: () => sources.app.manager,
    wrapWithTransaction: async (
      options: TransactionOptions,
      work: () => Promise<unknown>,
      setTransaction: (manager?: EntityManager) => void,
    ): Promise<unknown> => {
      sources.pool(options.pool);
      const runner = sources[options.pool].createQueryRunner();
      let client: pg.PoolClient | undefined;
      let lost: Error | undefined;
      const onError = (error: Error) => (lost = error);
      try {
        client = (await runner.connect()) as pg.PoolClient;
        client.on('error', onError);
        await runner.startTransaction(isolationOf(options.pool) === options.isolation ? undefined : options.isolation);
        if (options.readOnly && options.pool === 'app') await runner.query('SET TRANSACTION READ ONLY');
        setTransaction(runner.manager);
        const result = await work();
        await runner.commitTransaction();
        return result;
      } catch (error) {
        await rollback(runner, error);
        // TypeORM releases a connection that breaks while idle, and later errors do not show the cause.
        throw error instanceof QueryRunnerAlreadyReleasedError ? (lost ?? error) : error;
      } finally {
        client?.removeListener('error', onError);
        await runner.release();
      }
    },
  });
}

/** Destroys a connection whose rollback fails, so that no other request gets it. */
async function rollback(runner: QueryRunner, cause: unknown): Promise<void> {
  if (!runner.isTransactionActive) return;
  const destroy = (error: Error) =>
    (runner as unknown as { releasePostgresConnection(error: Error): Promise<void> }).releasePostgresConnection(error);
  if (isConnectionLost(cause)) return destroy(cause as Error);
  await runner.rollbackTransaction().catch(destroy);
}
