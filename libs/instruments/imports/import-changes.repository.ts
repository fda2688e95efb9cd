import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { firstUuidFrom } from '#ids';
import { type ContractState, contractStateSql } from '../catalogue/contract-state.js';
import type { ImportRow } from './imports.repository.js';

export type ChangeAction = 'insert' | 'update' | 'relist' | 'delist';

/** A contract before and after an import. */
export interface ChangeRow {
  instrumentId: string;
  action: ChangeAction;
  /** Null: the import inserted it. */
  before: ContractState | null;
  after: ContractState;
}

/** Difference between the clocks of processes that make ids, and of the server that stamps imports: far less than this. */
const CLOCKS_MS = 24 * 3_600_000;

/** The SQL of the changes of one import. */
@Injectable()
export class ImportChangesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Lists changes by the ids of the contracts. The state after an import is the one that the next import kept, or the present one.
   * Insertions have no row of their own: they are found by the time in their ids, because an index of `inserted_by` would cost every
   * import 2 us per row.
   * @param after id of the last contract seen
   */
  list(
    { id, broker, position, createdAt, durationMs }: ImportRow,
    { action, limit, after }: { action?: ChangeAction; limit: number; after?: string },
  ): Promise<ChangeRow[]> {
    const at = Date.parse(createdAt);
    const idAt = (ms: number) => firstUuidFrom(new Date(ms).toISOString());
    return this.database.rows<ChangeRow>(
      `WITH changed AS (
         SELECT c.instrument_id AS id, c.action, c.before FROM instrument_import_changes c
         WHERE c.import_id = $1 AND c.action <> 'adopt' AND c.action = coalesce($4::text, c.action)
           AND ($5::uuid IS NULL OR c.instrument_id > $5) ORDER BY c.instrument_id LIMIT $6
       ), inserted AS (
         SELECT i.id, 'insert' AS action, NULL::jsonb AS before FROM instruments i
         WHERE coalesce($4::text, 'insert') = 'insert' AND i.id >= greatest($7::uuid, $5::uuid) AND i.id < $8::uuid
           AND i.inserted_by = $1 AND i.id IS DISTINCT FROM $5::uuid ORDER BY i.id LIMIT $6
       ), page AS (SELECT * FROM changed UNION ALL SELECT * FROM inserted ORDER BY id LIMIT $6)
       SELECT p.id AS "instrumentId", p.action,
         CASE WHEN p.before IS NOT NULL THEN ${contractStateSql('b')} END AS before, ${contractStateSql('a')} AS after
       FROM page p JOIN instruments i USING (id)
         LEFT JOIN LATERAL (
           SELECT c.before FROM instrument_import_changes c JOIN instrument_imports m ON m.id = c.import_id
           WHERE c.instrument_id = p.id AND m.broker = $2 AND m.position > $3 ORDER BY m.position LIMIT 1
         ) later ON true
         CROSS JOIN LATERAL jsonb_populate_record(NULL::instruments, p.before) b
         CROSS JOIN LATERAL jsonb_populate_record(NULL::instruments, coalesce(later.before, to_jsonb(i))) a
       ORDER BY p.id`,
      [
        id,
        broker,
        position,
        action ?? null,
        after ?? null,
        limit,
        idAt(at - CLOCKS_MS),
        idAt(at + durationMs + CLOCKS_MS),
      ],
    );
  }
}
