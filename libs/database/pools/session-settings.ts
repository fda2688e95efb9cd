/**
 * Session settings on which the SQL, pg's parsers and COPY depend. They are part of the start-up packet of every
 * connection, which overrides ALTER DATABASE .. SET and ALTER ROLE .. SET.
 * Two settings stay with the server: search_path (a desk may use a schema of its own) and default_transaction_read_only
 * (an administrator may freeze a database with it).
 */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  // The formats that pg parses and COPY reads back.
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  // Bulk writes send columns as arrays. With `off`, the text 'NULL' would be stored.
  array_nulls: 'on',
  transform_null_equals: 'off',
  // A single statement under REPEATABLE READ may fail with 40001, and single statements are not retried.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // Each pool sets its own timeouts. Imports and migrations raise them, and transaction_timeout would end them anyway.
  statement_timeout: '0',
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  // In ms. A backend whose client has gone stops its statement within this time, and frees its slot and its locks.
  client_connection_check_interval: '1000',
};

export interface SessionConnection {
  connectionString: string;
  /** The start-up packet's `options`: `-c name=value ..`. */
  options: string;
}

/**
 * Connection options for `url` with the session settings. Options of the URL come first, so these settings win.
 * @param more further settings of this connection, which override both
 */
export function sessionConnection(url: string, more: Readonly<Record<string, string>> = {}): SessionConnection {
  const [connectionString, own] = takeOptions(url);
  const settings = Object.entries({ ...SESSION_SETTINGS, ...more });
  const ours = settings.map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`);
  return { connectionString, options: [...own, ...ours].join(' ') };
}

/** pg lets `?options=` of a URL replace the options passed to it, so they are removed from the URL. */
function takeOptions(url: string): [url: string, options: string[]] {
  const at = url.indexOf('?');
  if (at < 0) return [url, []];
  const query = new URLSearchParams(url.slice(at + 1));
  const options = query.getAll('options');
  if (options.length === 0) return [url, []];
  query.delete('options');
  return [query.size === 0 ? url.slice(0, at) : `${url.slice(0, at)}?${query}`, options];
}
