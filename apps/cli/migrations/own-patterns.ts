/** Dangerous patterns that squawk has no rule for. */
const PATTERNS: readonly { rule: string; message: string; matches: (sql: string, transaction: boolean) => boolean }[] =
  [
    {
      // squawk has a rule for it too, which trusts a file of one statement to run without a transaction.
      rule: 'not-in-transaction',
      message:
        'PostgreSQL refuses the statement inside a transaction. Set `transaction = false` in a migration of its own, and make it repeatable.',
      matches: (sql, transaction) =>
        transaction &&
        /^((CREATE( UNIQUE)?|DROP) INDEX CONCURRENTLY|REINDEX\b.*\bCONCURRENTLY|ALTER TABLE .*\bDETACH PARTITION .*\bCONCURRENTLY|VACUUM)\b/i.test(
          sql,
        ),
    },
    {
      rule: 'update-every-row',
      message:
        'An UPDATE without WHERE writes a new version of every row in one transaction: it locks them all until the commit and doubles the table. Update in batches.',
      matches: (sql) => /^(WITH\b.*\))?\s*UPDATE\b/i.test(sql) && !/\bWHERE\b/i.test(sql),
    },
    {
      rule: 'delete-every-row',
      message: 'A DELETE without WHERE destroys every row of the table.',
      matches: (sql) => /^(WITH\b.*\))?\s*DELETE\b/i.test(sql) && !/\bWHERE\b/i.test(sql),
    },
    {
      rule: 'truncate-table',
      message: 'TRUNCATE destroys every row, and blocks reads and writes of the table until the commit.',
      matches: (sql) => /^TRUNCATE\b/i.test(sql),
    },
    {
      rule: 'drop-schema',
      message: 'Dropping a schema, or all that a role owns, destroys the tables in it.',
      matches: (sql) => /^DROP\s+(SCHEMA|OWNED)\b/i.test(sql),
    },
    {
      rule: 'lock-table',
      message: 'LOCK TABLE blocks other sessions until the commit.',
      matches: (sql) => /^LOCK\b/i.test(sql),
    },
    {
      rule: 'rewrite-table',
      message: 'The statement rewrites the whole table, and blocks reads and writes meanwhile.',
      matches: (sql) =>
        /^(CLUSTER\b|VACUUM\b.*\bFULL\b)/i.test(sql) ||
        /^ALTER\s+TABLE\b.*\bSET\s+(LOGGED|UNLOGGED|TABLESPACE|ACCESS\s+METHOD)\b/i.test(sql),
    },
    {
      rule: 'refresh-view',
      message: 'REFRESH MATERIALIZED VIEW without CONCURRENTLY blocks reads of the view.',
      matches: (sql) => /^REFRESH\s+MATERIALIZED\s+VIEW\s+(?!CONCURRENTLY\b)/i.test(sql),
    },
    {
      rule: 'hidden-statement',
      message:
        'A DO block hides its statements from this check. Write them as statements of the migration, or review it.',
      matches: (sql) => /^DO\b/i.test(sql),
    },
  ];

/** Names of the patterns. */
export const OWN_RULES: readonly string[] = PATTERNS.map(({ rule }) => rule);

/** The patterns that one statement matches. */
export function ownFindings(statement: string, transaction: boolean): { rule: string; message: string }[] {
  const sql = plainSql(statement);
  return PATTERNS.filter(({ matches }) => matches(sql, transaction)).map(({ rule, message }) => ({ rule, message }));
}

/** The statement on one line without comments and without the content of strings, so that words in them count as nothing. */
function plainSql(statement: string): string {
  return statement
    .replace(/--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[^]*?\$\1\$/g, (text) =>
      /^(--|\/\*)/.test(text) ? ' ' : "''",
    )
    .replace(/\s+/g, ' ')
    .trim();
}
