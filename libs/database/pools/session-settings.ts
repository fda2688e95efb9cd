/**
 * The session settings that our SQL, pg's parsers and COPY depend on. They go into the start-up packet of every connection,
 * which overrides ALTER DATABASE .. SET and ALTER ROLE .. SET.
 *
 * Left to the server on purpose: search_path (a desk may live in a schema of its own) and default_transaction_read_only
 * (an administrator may freeze a database with it).
 */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  // The forms that pg parses and that COPY reads back.
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  // Bulk writes send columns as arrays; off would store the text 'NULL'.
  array_nulls: 'on',
  transform_null_equals: 'off',
  // A single statement under REPEATABLE READ fails with 40001, which nobody retries.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // Each pool sets its own limits; an import or a migration raises them, which transaction_timeout would undo.
  statement_timeout: '0',
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
};

export interface SessionConnection {
  connectionString: string;
  /** The start-up packet's `options`: `-c name=value ..`. */
  options: string;
}

/**
 * How to connect to `url` with our session settings. Options of the URL come first, so ours win.
 * @param more further settings of the one connection, which win over both
 */
export function sessionConnection(url: string, more: Readonly<Record<string, string>> = {}): SessionConnection {
  const [connectionString, own] = takeOptions(url);
  const settings = Object.entries({ ...SESSION_SETTINGS, ...more });
  const ours = settings.map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`);
  return { connectionString, options: [...own, ...ours].join(' ') };
}

/** pg lets `?options=` of a URL replace the options beside it, so they are taken out of the URL. */
function takeOptions(url: string): [url: string, options: string[]] {
  const at = url.indexOf('?');
  if (at < 0) return [url, []];
  const query = new URLSearchParams(url.slice(at + 1));
  const options = query.getAll('options');
  if (options.length === 0) return [url, []];
  query.delete('options');
  return [query.size === 0 ? url.slice(0, at) : `${url.slice(0, at)}?${query}`, options];
}
