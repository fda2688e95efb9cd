/**
 * What a route costs, and so which limit counts it: `login` guesses at a secret, `read` and `write` are ordinary,
 * `bulk` carries thousands of rows, `none` is not limited (probes and scrapes).
 */
export type RateClass = 'login' | 'read' | 'write' | 'bulk' | 'none';

/** The class of a route that names none: what cannot change anything is a read. */
export function rateClassOfMethod(method: string): RateClass {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'write';
}
