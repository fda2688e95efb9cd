import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';

export type RevokeReason = 'logout' | 'refresh_reuse' | 'user_disabled' | 'password_changed';

/** A login to open. */
export interface NewLogin {
  userId: string;
  /** The hash that the password was verified against: opened only if it still is the user's. */
  passwordHash: string;
  refreshHash: Buffer;
  userAgent: string | undefined;
  ip: string | undefined;
  lifeDays: number;
  idleDays: number;
}

/** A refresh token that could not be used. */
export interface SpentToken {
  loginId: string;
  userId: string;
  /** Since it was used, ms; null if it never was (it expired, or its login or user ended). */
  usedMsAgo: number | null;
}

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
              SELECT id, $3, $4::inet, now() + make_interval(days => $5) FROM owner RETURNING id, expires_at
            ),
            token AS (
              INSERT INTO refresh_tokens (login_id, token_hash, expires_at)
              SELECT id, $6, LEAST(now() + make_interval(days => $7), expires_at) FROM opened
            )
       SELECT id FROM opened`,
      [
        login.userId,
        login.passwordHash,
        login.userAgent ?? null,
        login.ip ?? null,
        login.lifeDays,
        login.refreshHash,
        login.idleDays,
      ],
    );
    return opened?.id;
  }

  /**
   * Uses up one token and gives out its successor, in one statement. Of callers who come at once one updates the row; the
   * others wait for its lock, see `used_at` and change nothing (READ COMMITTED looks at the new version again).
   * @returns undefined if the token is not one that can be used
   */
  async rotate(
    hash: Buffer,
    successor: Buffer,
    idleDays: number,
  ): Promise<{ loginId: string; userId: string } | undefined> {
    const [rotated] = await this.database.rows<{ loginId: string; userId: string }>(
      `WITH fresh AS MATERIALIZED (SELECT uuidv7() AS id),
            used AS (
              UPDATE refresh_tokens t SET used_at = now(), replaced_by = fresh.id
              FROM fresh, logins l JOIN users u ON u.id = l.user_id
              WHERE t.token_hash = $1 AND t.used_at IS NULL AND t.expires_at > now() AND l.id = t.login_id
                AND l.revoked_at IS NULL AND l.expires_at > now() AND u.disabled_at IS NULL
              RETURNING l.id, l.user_id, l.expires_at
            ),
            successor AS (
              INSERT INTO refresh_tokens (id, login_id, token_hash, expires_at)
              SELECT fresh.id, used.id, $2, LEAST(now() + make_interval(days => $3), used.expires_at) FROM used, fresh
            ),
            seen AS (UPDATE logins l SET last_used_at = now() FROM used WHERE l.id = used.id)
       SELECT id AS "loginId", user_id AS "userId" FROM used`,
      [hash, successor, idleDays],
    );
    return rotated;
  }

  /** Whose an unused token is, on the conditions of `rotate`, without using it up: for a desk that may not write. */
  async findUnspent(hash: Buffer): Promise<{ loginId: string; userId: string } | undefined> {
    const [unspent] = await this.database.rows<{ loginId: string; userId: string }>(
      `SELECT l.id AS "loginId", l.user_id AS "userId"
       FROM refresh_tokens t JOIN logins l ON l.id = t.login_id JOIN users u ON u.id = l.user_id
       WHERE t.token_hash = $1 AND t.used_at IS NULL AND t.expires_at > now()
         AND l.revoked_at IS NULL AND l.expires_at > now() AND u.disabled_at IS NULL`,
      [hash],
    );
    return unspent;
  }

  /** Why `rotate` did nothing; undefined if there is no such token. The clock is the database's, one for all processes. */
  async findSpent(hash: Buffer): Promise<SpentToken | undefined> {
    const [spent] = await this.database.rows<SpentToken>(
      `SELECT l.id AS "loginId", l.user_id AS "userId",
              (EXTRACT(EPOCH FROM clock_timestamp() - t.used_at) * 1000)::float8 AS "usedMsAgo"
       FROM refresh_tokens t JOIN logins l ON l.id = t.login_id WHERE t.token_hash = $1`,
      [hash],
    );
    return spent;
  }

  /** @returns whether it was alive */
  async revoke(loginId: string, reason: RevokeReason): Promise<boolean> {
    return (await this.#revokeWhere('id = $1', loginId, reason)) > 0;
  }

  async revokeAllOf(userId: string, reason: RevokeReason): Promise<number> {
    return this.#revokeWhere('user_id = $1', userId, reason);
  }

  /** Whether the user signed in from that network (an address or a CIDR) before. */
  async hasComeFrom(email: string, network: string): Promise<boolean> {
    const [row] = await this.database.rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM logins l JOIN users u ON u.id = l.user_id WHERE u.email = $1 AND l.ip <<= $2::inet) AS found`,
      [email, network],
    );
    return row?.found === true;
  }

  /** Removes up to 1,000 families that ended `days` ago; their tokens go by cascade. @returns how many */
  async deleteEnded(days: number): Promise<number> {
    return this.database.run(
      `DELETE FROM logins WHERE id IN (
         SELECT id FROM logins WHERE expires_at < now() - make_interval(days => $1) LIMIT 1000)`,
      [days],
    );
  }

  async #revokeWhere(condition: string, id: string, reason: RevokeReason): Promise<number> {
    const rows = await this.database.rows(
      `WITH revoked AS (
         UPDATE logins SET revoked_at = now(), revoke_reason = $2 WHERE ${condition} AND revoked_at IS NULL RETURNING user_id
       ), told AS (${appendSql('users', 'user_id::text', { distinct: true })} FROM revoked)
       SELECT user_id FROM revoked`,
      [id, reason],
    );
    return rows.length;
  }
}
