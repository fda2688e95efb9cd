import type pg from 'pg';

interface Column {
  table: string;
  name: string;
  type: string;
  required: boolean;
}

/** Values for columns whose checks a value of the type alone does not meet, as SQL. */
const VALUES: Readonly<Record<string, string>> = {
  'trading_sessions.access_token_sealed': `'v1:k:n:c:t'`,
  'trading_sessions.is_active': 'true',
  'trading_sessions.state': `'active'`,
  'change_feed.keys': 'NULL',
  'change_feed.key': `'key-' || n`,
  // Its migration refuses to go down while a URL is sealed, because its path would be lost.
  'webhook_endpoints.sealed_path': 'NULL',
  // Nor while there are headers.
  'webhook_endpoints.sealed_headers': 'NULL',
  'webhook_endpoints.url': `'https://hooks.example/path-' || n`,
  'users.roles': `'{trader}'`,
  'api_keys.roles': `'{trader}'`,
  'alert_rules.built_in': 'NULL',
  'webhook_endpoints.state': `'healthy'`,
  'webhook_endpoints.state_reason': 'NULL',
  'alert_delivery_queue.lease_until': 'NULL',
  'filings.accession': `lpad(n::text, 10, '0') || '-26-000001'`,
  'filings.amends': 'NULL',
  'filings.amends_candidates': `'{}'`,
  'filings.is_amendment': 'false',
};

/**
 * Inserts rows into every table, with a value in every column, also nullable ones. Foreign keys point to rows inserted before.
 * @returns the tables, those that others refer to first
 */
export async function fillEveryTable(client: pg.Client, rows = 3): Promise<string[]> {
  const columns = await columnsOf(client);
  const references = await referencesOf(client);
  const choices = await choicesOf(client);
  const [filled, failures] = [[] as string[], [] as string[]];
  for (const table of inOrder([...new Set(columns.map((column) => column.table))], references)) {
    const own = columns.filter((column) => column.table === table);
    // Some columns exclude each other. Then the optional ones stay empty.
    const attempts = [own, own.filter(({ name, required }) => required || VALUES[`${table}.${name}`] !== undefined)];
    let failure: unknown;
    for (const chosen of attempts) {
      failure = await insert(client, table, chosen, (column) => valueOf(column, references, choices), rows);
      if (failure === undefined) break;
    }
    if (failure !== undefined) failures.push(`${table}: ${String(failure)}`);
    filled.push(table);
  }
  if (failures.length > 0) throw new Error(`every-row.fixture.ts needs VALUES for:\n${failures.join('\n')}`);
  return filled;
}

/** @returns the failure, if there is one */
async function insert(
  client: pg.Client,
  table: string,
  columns: readonly Column[],
  value: (column: Column) => string,
  rows: number,
): Promise<unknown> {
  const [names, values] = [columns.map(({ name }) => `"${name}"`), columns.map(value)];
  try {
    await client.query(
      `INSERT INTO "${table}" (${names.join(', ')}) SELECT ${values.join(', ')} FROM generate_series(1, $1::int) n ON CONFLICT DO NOTHING`,
      [rows],
    );
    return undefined;
  } catch (error) {
    return `${(error as Error).message} (${names.map((name, at) => `${name} = ${values[at]}`).join(', ')})`;
  }
}

function valueOf(
  { table, name, type }: Column,
  references: readonly Reference[],
  choices: ReadonlyMap<string, string>,
): string {
  const key = `${table}.${name}`;
  const reference = references.find((one) => one.table === table && one.column === name);
  if (VALUES[key] !== undefined) return VALUES[key];
  if (reference !== undefined)
    return `(SELECT "${reference.toColumn}" FROM "${reference.to}" ORDER BY "${reference.toColumn}" OFFSET n - 1 LIMIT 1)`;
  const choice = choices.get(key);
  if (choice !== undefined) return `'${choice}'`;
  return valueOfType(type, name);
}

function valueOfType(type: string, name: string): string {
  if (type.endsWith('[]')) return `ARRAY[${valueOfType(type.slice(0, -2), name)}]::${type}`;
  if (type === 'uuid') return `lpad(to_hex(n), 32, '0')::uuid`;
  if (type === 'boolean') return 'true';
  if (/^(integer|bigint|smallint|numeric|real|double)/.test(type)) return 'n';
  if (/^(timestamp|date)/.test(type)) return `'2026-11-20T00:00:00Z'::timestamptz + n * interval '1 hour'`;
  if (type === 'jsonb') return `'[]'`;
  if (type === 'bytea') return `decode(lpad(to_hex(n), 64, '0'), 'hex')`;
  if (type === 'xid8') return 'pg_current_xact_id()';
  if (type === 'inet') return `'192.0.2.1'`;
  if (type === 'interval') return `interval '1 hour'`;
  return `'${name}-' || n`;
}

interface Reference {
  table: string;
  column: string;
  to: string;
  toColumn: string;
}

async function columnsOf(client: pg.Client): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> 'migrations' AND a.attgenerated = '' AND a.attidentity = '' ORDER BY c.relname, a.attnum`,
  );
  return rows;
}

async function referencesOf(client: pg.Client): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `SELECT c.conrelid::regclass::text AS "table", a.attname AS "column", c.confrelid::regclass::text AS "to", b.attname AS "toColumn"
     FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (own, other)
       JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
       JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.other
     WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace`,
  );
  return rows;
}

/** The first allowed value of each column whose check lists them. */
async function choicesOf(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ table: string; definition: string }>(
    `SELECT conrelid::regclass::text AS "table", pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE contype = 'c' AND connamespace = current_schema()::regnamespace`,
  );
  const choices = new Map<string, string>();
  for (const { table, definition } of rows) {
    const [, column, value] = /\(?(\w+) = ANY \(ARRAY\['([^']*)'/.exec(definition) ?? [];
    if (column !== undefined) choices.set(`${table}.${column}`, value!);
  }
  return choices;
}

/** Tables with those that they refer to before them. */
function inOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const ordered: string[] = [];
  const visit = (table: string): void => {
    if (ordered.includes(table)) return;
    for (const { to } of references.filter((one) => one.table === table && one.to !== table)) visit(to);
    ordered.push(table);
  };
  for (const table of tables) visit(table);
  return ordered;
}

/** The content of every table: for each one its columns, and its rows as text in the order of their text. */
export async function contentOf(client: pg.Client): Promise<Map<string, Record<string, string>[]>> {
  const tables = [...new Set((await columnsOf(client)).map(({ table }) => table))];
  const content = new Map<string, Record<string, string>[]>(tables.map((table) => [table, []]));
  if (tables.length === 0) return content;
  const { rows } = await client.query<{ table: string; row: Record<string, string> }>(
    tables.map((table) => `SELECT '${table}' AS "table", to_jsonb(t) AS row FROM "${table}" t`).join(' UNION ALL '),
  );
  for (const { table, row } of rows) content.get(table)!.push(row);
  return content;
}
