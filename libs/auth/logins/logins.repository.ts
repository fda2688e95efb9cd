import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';

export type RevokeReason =
  | 'logout'
  | 'refresh_reuse'
  | 'user_disabled'
  | 'password_changed'
  | 'ended_by_admin'
  | 'ended_by_user'
  | 'too_many_logins';

/** A login that has not ended. */
export interface ActiveLogin {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  userAgent: string | null;
  address: string | null;
}

/** A login to open. */
export interface NewLogin {
  userId: string;
  /** The hash that the password was verified against. The login is opened only if the user still has it. */
  passwordHash: string;
  refreshHash: Buffer;
  userAgent: string | undefined;
  ip: string | undefined;
  lifeMs: number;
  idleMs: number;
}

/** The login that a refresh token continues. */
export interface ContinuedLogin {
  loginId: string;
  userId: string;
}

/** A refresh token that could not be used. */
export interface SpentToken extends ContinuedLogin {
  /** Whether its login and user are still good. */
  alive: boolean;
  /** Whether its login was ended because one of its tokens was reused. */
  reused: boolean;
  /** Since its first use, ms; null if it was never used. */
  usedMsAgo: number | null;
}

/** A login that may be refreshed, with `l` for it and `u` for its user. */
const ALIVE = `(l.revoked_at IS NULL AND l.expires_at > now() AND u.disabled_at IS NULL)`;

/** Maximum number of logins in a list. */
const MAX_LISTED = 500;

/** All SQL on `logins` and `refresh_tokens`. */
@Injectable()
export class LoginsRepository {
  constructor(private readonly database: Database) {}

  /** @returns the login's id; undefined if the user was disabled or got another password meanwhile */
  async open(login: NewLogin): Promise<string | undefined> {
    const [opened] = await this.database.rows<{ id: string }>(
      `WITH owner AS (SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR SHARE),
            opened AS (
              INSERT INTO logins (user_id, user_agent, ip, expires_at)
              SELECT id, $3, $4::inet, now() + $5 * interval '1 ms' FROM owner RETURNING id, expires_at
            ),
            token AS (
              INSERT INTO refresh_tokens (login_id, token_hash, expires_at)
              SELECT id, $6, LEAST(now() + $7 * interval '1 ms', expires_at) FROM opened
            )
       SELECT id FROM opened`,
      [
        login.userId,
        login.passwordHash,
        login.userAgent ?? null,
        login.ip ?? null,
        login.lifeMs,
        login.refreshHash,
        login.idleMs,
      ],
    );
    return opened?.id;
  }

  /** Keeps a login from being ended until the commit. @returns whether it has not ended yet */
  async holdAlive(loginId: string): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT 1 FROM logins WHERE id = $1 AND revoked_at IS NULL AND expires_at > now() FOR SHARE`,
      [loginId],
    );
    return rows.length > 0;
  }

  /** Serializes sign-ins of one user until the commit. */
  async lockUser(userId: string): Promise<void> {
    await this.database.rows(`SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE`, [userId]);
  }

  /**
   * Ends the logins of a user beyond `max`, those unused for longest first, and removes those that ended beyond `keepEnded`.
   * Call `lockUser` before `open`, or two sign-ins at once do not see each other's login.
   */
  async endSurplus(userId: string, max: number, keepEnded: number): Promise<number> {
    const rows = await this.database.rows(
      `WITH alive AS (
         SELECT id, row_number() OVER (ORDER BY last_used_at DESC, id DESC) AS place FROM logins
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
       ), ended AS (
         SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM logins
         WHERE user_id = $1 AND NOT (revoked_at IS NULL AND expires_at > now())
       ), removed AS (
         DELETE FROM logins WHERE id IN (SELECT id FROM ended WHERE place > $3)
       ), revoked AS (
         UPDATE logins SET revoked_at = now(), revoke_reason = $4
         WHERE id IN (SELECT id FROM alive WHERE place > $2) AND revoked_at IS NULL RETURNING user_id
       ), told AS (${appendSql('users', 'user_id::text', { distinct: true })} FROM revoked)
       SELECT user_id FROM revoked`,
      [userId, max, keepEnded, 'too_many_logins' satisfies RevokeReason],
    );
    return rows.length;
  }

  /**
   * Uses up one token and stores its successor, in one statement. Of concurrent callers one updates the row;
   * the others wait for its lock, see `used_at` and change nothing (READ COMMITTED checks the new row version again).
   * @returns undefined if the token cannot be used
   */
  async rotate(hash: Buffer, successor: Buffer, idleMs: number): Promise<ContinuedLogin | undefined> {
    const [rotated] = await this.database.rows<ContinuedLogin>(
      `WITH fresh AS MATERIALIZED (SELECT uuidv7() AS id),
            used AS (
              UPDATE refresh_tokens t SET used_at = now(), replaced_by = fresh.id
              FROM fresh, logins l JOIN users u ON u.id = l.user_id
              WHERE t.token_hash = $1 AND t.used_at IS NULL AND t.expires_at > now() AND l.id = t.login_id AND ${ALIVE}
              RETURNING l.id, l.user_id, l.expires_at
            ),
            successor AS (
              INSERT INTO refresh_tokens (id, login_id, token_hash, expires_at)
              SELECT fresh.id, used.id, $2, LEAST(now() + $3 * interval '1 ms', used.expires_at) FROM used, fresh
            ),
            seen AS (UPDATE logins l SET last_used_at = now() FROM used WHERE l.id = used.id)
       SELECT id AS "loginId", user_id AS "userId" FROM used`,
      [hash, successor, idleMs],
    );
    return rotated;
  }

  /** The login of an unused token, under the conditions of `rotate` but without using it up. For a read-only desk. */
  async findUnspent(hash: Buffer): Promise<ContinuedLogin | undefined> {
    const [unspent] = await this.database.rows<ContinuedLogin>(
      `SELECT l.id AS "loginId", l.user_id AS "userId"
       FROM refresh_tokens t JOIN logins l ON l.id = t.login_id JOIN users u ON u.id = l.user_id
       WHERE t.token_hash = $1 AND t.used_at IS NULL AND t.expires_at > now() AND ${ALIVE}`,
      [hash],
    );
    return unspent;
  }

  /** Why `rotate` did nothing; undefined if there is no such token. Uses the database's clock, which is the same for all processes. */
  async findSpent(hash: Buffer): Promise<SpentToken | undefined> {
    const [spent] = await this.database.rows<SpentToken>(
      `SELECT l.id AS "loginId", l.user_id AS "userId", ${ALIVE} AS alive,
              l.revoke_reason IS NOT DISTINCT FROM 'refresh_reuse' AS reused,
              (EXTRACT(EPOCH FROM clock_timestamp() - t.used_at) * 1000)::float8 AS "usedMsAgo"
       FROM refresh_tokens t JOIN logins l ON l.id = t.login_id JOIN users u ON u.id = l.user_id WHERE t.token_hash = $1`,
      [hash],
    );
    return spent;
  }

  /**
   * The hashes of a token's successors, the oldest first, up to the one that is not used yet. At most 100 are followed:
   * no client refreshes more often within the grace, and the cost of a request must be bounded.
   * @returns undefined if the last one cannot be used
   */
  async findSuccessors(hash: Buffer): Promise<Buffer[] | undefined> {
    const [chain] = await this.database.rows<{ hashes: Buffer[] }>(
      `WITH RECURSIVE chain AS (
         SELECT n.*, 1 AS place FROM refresh_tokens t JOIN refresh_tokens n ON n.id = t.replaced_by WHERE t.token_hash = $1
         UNION ALL
         SELECT n.*, chain.place + 1 FROM chain JOIN refresh_tokens n ON n.id = chain.replaced_by WHERE chain.place < 100
       )
       SELECT array_agg(c.token_hash ORDER BY c.place) AS hashes
       FROM chain c JOIN logins l ON l.id = c.login_id JOIN users u ON u.id = l.user_id
       WHERE ${ALIVE} GROUP BY l.id HAVING bool_or(c.used_at IS NULL AND c.expires_at > now())`,
      [hash],
    );
    return chain?.hashes;
  }

  /** @returns whether the login was still alive */
  async revoke(loginId: string, reason: RevokeReason): Promise<boolean> {
    return (await this.#revokeWhere('id = $2', reason, loginId)).length > 0;
  }

  /** @returns whether the user had that login, alive */
  async revokeOf(userId: string, loginId: string, reason: RevokeReason): Promise<boolean> {
    return (await this.#revokeWhere('id = $2 AND user_id = $3', reason, loginId, userId)).length > 0;
  }

  /** @returns the ids of the logins that were not revoked */
  async revokeAllOf(userId: string, reason: RevokeReason): Promise<string[]> {
    return this.#revokeWhere('user_id = $2', reason, userId);
  }

  /** @returns the ids of the logins that were not revoked */
  async revokeOthersOf(userId: string, keptId: string, reason: RevokeReason): Promise<string[]> {
    return this.#revokeWhere('user_id = $2 AND id <> $3', reason, userId, keptId);
  }

  /** The newest ones of a user that have not ended, newest first. */
  async listOf(userId: string): Promise<ActiveLogin[]> {
    return this.database.rows<ActiveLogin>(
      `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt",
              user_agent AS "userAgent", host(ip) AS address
       FROM logins WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() ORDER BY id DESC LIMIT ${MAX_LISTED}`,
      [userId],
    );
  }

  /** Whether the user signed in before from that network (an address or a CIDR). */
  async hasComeFrom(email: string, network: string): Promise<boolean> {
    const [row] = await this.database.rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM logins l JOIN users u ON u.id = l.user_id WHERE u.email = $1 AND l.ip <<= $2::inet) AS found`,
      [email, network],
    );
    return row?.found === true;
  }

  async #revokeWhere(condition: string, reason: RevokeReason, ...ids: string[]): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `WITH revoked AS (
         UPDATE logins SET revoked_at = now(), revoke_reason = $1 WHERE ${condition} AND revoked_at IS NULL RETURNING id, user_id
       ), told AS (${appendSql('users', 'user_id::text', { distinct: true })} FROM revoked)
       SELECT id FROM revoked ORDER BY id`,
      [reason, ...ids],
    );
    return rows.map(({ id }) => id);
  }
}
