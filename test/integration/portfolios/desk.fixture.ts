import type { Principal, Role } from '#auth';
import type { Database } from '#database';
import { DomainError } from '#errors';
import type { Snapshot } from '../../../libs/portfolios/snapshots/snapshot.dto.js';

/** Makes a user and returns the principal of their requests. */
export async function member(database: Database, role: Role): Promise<Principal> {
  const [row] = await database.rows<{ id: string }>(
    `INSERT INTO users (email, password_hash, display_name, roles) VALUES (gen_random_uuid() || '@example.com', 'x', 'x', $1) RETURNING id`,
    [[role]],
  );
  return { userId: row!.id, roles: [role], loginId: row!.id, expiresAt: new Date(8.64e15), via: 'login' };
}

/** Second `n` after 09:15 in India on 17 August 2026, RFC 3339. */
export const at = (n: number): string => new Date(Date.UTC(2026, 7, 17, 3, 45, n)).toISOString();
/** The same with microseconds, as the repositories read it. */
export const exact = (n: number): string => at(n).replace('Z', '000Z');

export const position = (
  key: string,
  quantity = '10',
  lastPrice = '100.00',
  more: object = {},
): Snapshot['positions'][number] => ({
  key,
  quantity,
  averagePrice: '99.50',
  lastPrice,
  ...more,
});

export const snapshot = (portfolioId: string, second: number, more: Partial<Snapshot> = {}): Snapshot => ({
  portfolioId,
  broker: 'zerodha',
  account: 'AB1234',
  asOf: at(second),
  currency: 'INR',
  cash: '1000.00',
  positions: [],
  ...more,
});

/** The code and the fields of the error that a call fails with, or `done`. */
export const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      return [error.code, ...(error.details.errors ?? []).map(({ field }) => field)].join(' ');
    },
  );
