import { hash } from '@node-rs/argon2';
import { AccessTokens } from '../../libs/auth/tokens/access-tokens.js';
import { Database } from '#database';
import type { TestApp } from '../setup/test-app.js';

/** Adds signed-in traders by one statement, because each sign-in costs a password hash. @returns their access tokens */
export async function signedInTraders(desk: TestApp, count: number): Promise<string[]> {
  const logins = await desk.get(Database).rows<{ userId: string; loginId: string }>(
    `WITH added AS (
       INSERT INTO users (email, password_hash, display_name, roles)
       SELECT 'user' || n || '@many.example', $1, 'user ' || n, ARRAY['trader'] FROM generate_series(1, $2::integer) n
       RETURNING id)
     INSERT INTO logins (user_id, expires_at) SELECT id, now() + interval '1 day' FROM added
     RETURNING user_id AS "userId", id AS "loginId"`,
    [await hash('a password that nobody uses', { memoryCost: 8_192, timeCost: 1, parallelism: 1 }), count],
  );
  const tokens = desk.get(AccessTokens);
  return Promise.all(logins.map(async ({ userId, loginId }) => (await tokens.issue(userId, loginId, '')).accessToken));
}
