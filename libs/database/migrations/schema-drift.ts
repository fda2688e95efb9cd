import type { QueryRunner } from 'typeorm';
import { postgresError } from '../postgres-error.js';

/** One object that the schema has and the migrations do not make, or the other way round. */
export interface SchemaDifference {
  /** For example `index idx_users_email on users`. */
  object: string;
  /** As the migrations make it; null if they do not. */
  expected: string | null;
  /** As the schema has it; null if it does not. */
  found: string | null;
}

/** How the schema differs from the code. */
export interface SchemaDrift {
  /** Statements that would make the schema match the entities. */
  statements: string[];
  /** Objects that differ from what the migrations make, also those that no entity describes. */
  differences: SchemaDifference[];
}

const SHADOW = 'deskwire_schema_check';

/** Tables with columns, constraints, indexes, triggers, functions and types of a schema, without the partitions of tables. */
const OBJECTS = `
  WITH tables AS (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.reloptions
    FROM pg_class c
    WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND c.relname <> 'migrations'
  ), objects AS (
    SELECT 'table ' || relname AS object,
      concat_ws(' ', CASE relpersistence WHEN 'u' THEN 'unlogged' END, 'kind ' || relkind::text, pg_get_partkeydef(oid),
        -- Operators tune autovacuum per table.
        (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(reloptions) o WHERE o !~ '^(autovacuum|toast|log_autovacuum)')) AS definition
    FROM tables
    UNION ALL
    SELECT format('column %s.%s', t.relname, a.attname),
      concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
        'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid))
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT format('constraint %s on %s', n.conname, t.relname),
      concat_ws(' ', pg_get_constraintdef(n.oid), CASE WHEN NOT n.convalidated THEN 'not valid' END)
    FROM tables t JOIN pg_constraint n ON n.conrelid = t.oid WHERE n.contype <> 'n'
    UNION ALL
    SELECT format('index %s on %s', i.relname, t.relname),
      concat_ws(' ', pg_get_indexdef(x.indexrelid), CASE WHEN NOT x.indisvalid THEN 'invalid' END)
    FROM tables t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = x.indexrelid AND n.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT format('trigger %s on %s', g.tgname, t.relname), concat_ws(' ', pg_get_triggerdef(g.oid), 'enabled ' || g.tgenabled::text)
    FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
    UNION ALL
    SELECT format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), pg_get_functiondef(p.oid)
    FROM pg_proc p WHERE p.pronamespace = $1::regnamespace AND p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
    UNION ALL
    SELECT 'type ' || t.typname, (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
    FROM pg_type t WHERE t.typnamespace = $1::regnamespace AND t.typtype = 'e'
  )
  SELECT object, replace(replace(definition, quote_ident($1::text) || '.', ''), $1::text, 'schema') AS definition FROM objects`;

/**
 * Runs the SQL of all migrations in a schema of its own, inside a transaction that is rolled back, and compares what
 * they make with the desk's schema. So it also finds functions, triggers and indexes that no entity describes.
 * Needs the right to create a schema.
 */
export async function schemaDifferences(runner: QueryRunner, sql: readonly string[]): Promise<SchemaDifference[]> {
  const [{ own }] = (await runner.query('SELECT current_schema() AS own')) as [{ own: string }];
  await runner.startTransaction('REPEATABLE READ');
  try {
    // No statement of a migration may wait for a table of the desk.
    await runner.query(`SET LOCAL lock_timeout = '1s'`);
    const found = await objectsOf(runner, own);
    await createShadow(runner);
    // Operator classes of extensions are in the desk's schema.
    await runner.query(`SELECT set_config('search_path', '${SHADOW}, ' || quote_ident($1), true)`, [own]);
    for (const statement of sql) await runner.query(statement.replace(/\bCONCURRENTLY\b/gi, ''));
    return compare(await objectsOf(runner, SHADOW), found);
  } finally {
    await runner.rollbackTransaction();
  }
}

async function createShadow(runner: QueryRunner): Promise<void> {
  try {
    await runner.query(`CREATE SCHEMA ${SHADOW}`);
  } catch (error) {
    const code = postgresError(error)?.code;
    if (code !== '42501' && code !== '25006') throw error;
    throw new Error(
      'The comparison creates a schema in a transaction and rolls it back, and PostgreSQL refuses it. ' +
        'Run it on the primary as a role with CREATE on the database, such as the one that migrates.',
      { cause: error },
    );
  }
}

async function objectsOf(runner: QueryRunner, schema: string): Promise<Map<string, string>> {
  const rows = (await runner.query(OBJECTS, [schema])) as { object: string; definition: string | null }[];
  return new Map(rows.map(({ object, definition }) => [object, definition ?? '']));
}

function compare(expected: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): SchemaDifference[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((object) => expected.get(object) !== found.get(object))
    .sort()
    .map((object) => ({ object, expected: expected.get(object) ?? null, found: found.get(object) ?? null }));
}
