import { Inject, Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type pg from 'pg';
import type { EntityManager, QueryRunner } from 'typeorm';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { DataSources } from './pools/data-sources.js';
import { askOnFreshConnection } from './pools/fresh-connection.js';
import { sessionConnection } from './pools/session-settings.js';
import { isConnectionLost } from './postgres-error.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.js';
import { Transactions } from './transactions/transactions.js';

/** Time in ms that the answer to a cancelled statement may take. */
const ANSWER_SLACK_MS = 1_000;

/**
 * Runs SQL on the connection of the open transaction (@Atomic() or @ReadSnapshot(), found by CLS). Outside a transaction each
 * call is a statement of its own on the app pool. Repositories use it and never commit.
 */
@Injectable()
export class Database {
  private readonly names = new Map<string, string>();

  constructor(
    private readonly host: TransactionHost<TransactionAdapter>,
    private readonly transactions: Transactions,
    private readonly sources: DataSources,
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
  ) {}

  /**
   * The conditions whose values are given, as SQL. Adds the values to `params`.
   * @param given such as `['id < ', after, 'uuid']`, which becomes `id < ($2::uuid)`
   */
  static conditions(
    params: unknown[],
    given: readonly (readonly [condition: string, value: unknown, type: string])[],
  ): string[] {
    return given.flatMap(([condition, value, type]) =>
      value === undefined ? [] : [`${condition}($${params.push(value)}::${type})`],
    );
  }

  /**
   * The order of a list, and the condition for the rows that come after a row of it, as SQL. Adds the values to `params`.
   * @param sort a name of `columns`, with a minus in front for descending
   * @param columns what each order is by: an expression that is never null and its type; null for the id alone
   * @param id a unique expression and its type
   * @param after where the page before ended: its order, the value of the expression and the id
   */
  static keyset(
    params: unknown[],
    sort: string,
    columns: Readonly<Record<string, readonly [sql: string, type: string] | null>>,
    id: readonly [sql: string, type: string],
    after: readonly [order: string, value: string, id: string] | undefined,
  ): { after: string[]; orderBy: string } {
    const column = columns[sort.replace(/^-/, '')];
    const key = column ? [column, id] : [id];
    const [order, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
    const orderBy = key.map(([sql]) => `${sql} ${order}`).join(', ');
    if (after === undefined) return { after: [], orderBy };
    const values = after.slice(-key.length).map((value, at) => `$${params.push(value)}::text::${key[at]![1]}`);
    return { after: [`(${key.map(([sql]) => sql).join(', ')}) ${beyond} (${values.join(', ')})`], orderBy };
  }

  /** Whether writes are refused now: by DB_READONLY, or because the server refuses them. Background work checks this and pauses. */
  get readOnly(): boolean {
    return this.config.readOnly || this.sources.watch.isReadOnly;
  }

  /**
   * Calls the listener when the server begins to refuse writes and when it accepts them again. DB_READONLY never changes.
   * @returns a function that removes the listener
   */
  onReadOnly(listener: (readOnly: boolean) => void): () => void {
    return this.sources.watch.onReadOnly(listener);
  }

  /** TypeORM's manager of the open transaction, or of the app pool outside one. */
  get manager(): EntityManager {
    return this.host.tx;
  }

  /** Returns the rows of a statement, also of UPDATE or DELETE .. RETURNING. @param waitMs see run() */
  async rows<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[], waitMs?: number): Promise<Row[]> {
    return (await this.query(statement(sql, params, waitMs))).rows as Row[];
  }

  /**
   * Returns the number of affected rows.
   * @param waitMs maximum wait for the answer, for a statement whose transaction has raised its statement_timeout
   */
  async run(sql: string, params?: readonly unknown[], waitMs?: number): Promise<number> {
    return (await this.query(statement(sql, params, waitMs))).rowCount ?? 0;
  }

  /**
   * Like `rows`, as a named prepared statement: parsed and planned once per connection. Use it for frequent statements with
   * constant text only, because each text stays prepared until its connection closes.
   */
  async prepared<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]> {
    let name = this.names.get(sql);
    if (!name) this.names.set(sql, (name = `dw_${this.names.size + 1}`));
    return (await this.query({ name, text: sql, values: params as unknown[] })).rows as Row[];
  }

  /**
   * Runs a statement that PostgreSQL refuses in a transaction, such as VACUUM, on a connection of its own: it takes long, and would keep
   * one of the pool.
   * @param timeoutMs PostgreSQL cancels the statement after it
   * @param signal ends the statement
   */
  async runAlone(sql: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const limits = { statement_timeout: String(timeoutMs), lock_timeout: String(this.config.lockTimeoutMs) };
    const connection = { ...sessionConnection(this.sources.url('app'), limits), application_name: 'deskwire-upkeep' };
    await askOnFreshConnection(connection, timeoutMs + ANSWER_SLACK_MS, sql, [], signal);
  }

  /** pg's client of the open transaction, for COPY. @throws Error outside a transaction */
  async client(): Promise<pg.PoolClient> {
    if (!this.transactions.isOpen) throw new Error('Database.client() needs an open @Atomic() or @ReadSnapshot().');
    return (this.manager.queryRunner as QueryRunner).connect() as Promise<pg.PoolClient>;
  }

  private async query(query: pg.QueryConfig): Promise<pg.QueryResult> {
    if (this.transactions.isOpen) return (await this.client()).query(query);
    const client = await this.sources.pool('app').connect();
    let failure: Error | undefined;
    // A connection that dies while in use emits `error`. Without a listener that would end the process.
    const onError = (error: Error) => (failure = error);
    client.on('error', onError);
    try {
      return await client.query(query);
    } catch (error) {
      if (isConnectionLost(error)) failure = error as Error;
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(failure);
    }
  }
}

function statement(text: string, params: readonly unknown[] | undefined, waitMs: number | undefined): pg.QueryConfig {
  const query = { text, values: params as unknown[] };
  return waitMs === undefined ? query : ({ ...query, query_timeout: waitMs } as pg.QueryConfig);
}
