import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { OrderKey } from '#text';
import { normaliseEmail } from './credentials/email.js';
import type { Role } from './role.js';
import type { NewUser, User } from './user.js';

const COLUMNS = `id, email, display_name AS "displayName", roles, is_demo AS "isDemo",
  disabled_at AS "disabledAt", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Columns that an update may set, by property name. */
const SETTABLE = { displayName: 'display_name', roles: 'roles', passwordHash: 'password_hash' } as const;

export type UserChange = { displayName?: string; roles?: readonly Role[]; passwordHash?: string };

export interface UserFilter {
  /** Part of the e-mail address or the name. */
  text?: string | undefined;
  /** Users with one of these. */
  roles?: readonly Role[] | undefined;
  disabled?: boolean | undefined;
  sort: 'createdAt' | '-createdAt' | 'email' | '-email';
  after: OrderKey | undefined;
  limit: number;
}

/** All SQL on `users`. Every write appends to the change feed in the same statement. */
@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** @returns undefined if the e-mail is taken */
  async insert(user: NewUser): Promise<User | undefined> {
    const [made] = await this.database.rows<User>(
      `WITH made AS (
         INSERT INTO users (email, password_hash, display_name, roles, is_demo) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (email) DO NOTHING RETURNING *
       ), told AS (${appendSql('users', 'id::text')} FROM made)
       SELECT ${COLUMNS} FROM made`,
      [user.email, user.passwordHash, user.displayName, [...user.roles], user.isDemo],
    );
    return made;
  }

  /** @param who an id or an e-mail */
  async findNamed(who: string): Promise<User | undefined> {
    const isId = z.uuid().safeParse(who).success;
    return isId ? this.findById(who) : this.findByEmail(normaliseEmail(who));
  }

  async findById(id: string): Promise<User | undefined> {
    const [user] = await this.database.rows<User>(`SELECT ${COLUMNS} FROM users WHERE id = $1`, [id]);
    return user;
  }

  async findByEmail(email: string): Promise<User | undefined> {
    const [user] = await this.database.rows<User>(`SELECT ${COLUMNS} FROM users WHERE email = $1`, [email]);
    return user;
  }

  /** For login only; nothing else reads a hash. */
  async findCredentials(
    by: { email: string } | { id: string },
  ): Promise<(User & { passwordHash: string }) | undefined> {
    const [column, value] = 'email' in by ? ['email', by.email] : ['id', by.id];
    const [user] = await this.database.rows<User & { passwordHash: string }>(
      `SELECT ${COLUMNS}, password_hash AS "passwordHash" FROM users WHERE ${column} = $1`,
      [value],
    );
    return user;
  }

  page({ text, roles, disabled, sort, after, limit }: UserFilter): Promise<User[]> {
    const params: unknown[] = [limit];
    const bind = (value: unknown, type: string) => `$${params.push(value)}::${type}`;
    const conditions: string[] = [];
    if (text !== undefined) {
      const wanted = bind(text, 'text');
      conditions.push(`strpos(lower(email || ' ' || display_name), lower(${wanted})) > 0`);
    }
    if (roles !== undefined) conditions.push(`roles && ${bind(roles, 'text[]')}`);
    if (disabled !== undefined) conditions.push(`disabled_at IS ${disabled ? 'NOT ' : ''}NULL`);
    const keyset = Database.keyset(params, sort, { createdAt: null, email: ['email', 'text'] }, ['id', 'uuid'], after);
    conditions.push(...keyset.after);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.database.rows<User>(
      `SELECT ${COLUMNS} FROM users ${where} ORDER BY ${keyset.orderBy} LIMIT $1`,
      params,
    );
  }

  async update(id: string, change: UserChange): Promise<User | undefined> {
    const sets: string[] = [];
    const values: unknown[] = [id];
    for (const [name, column] of Object.entries(SETTABLE)) {
      const value = change[name as keyof UserChange];
      if (value === undefined) continue;
      values.push(value);
      sets.push(`${column} = $${values.length}`);
    }
    return this.#change([...sets, 'updated_at = now()'].join(', '), values);
  }

  async setDisabled(id: string, disabled: boolean): Promise<User | undefined> {
    return this.#change(`disabled_at = ${disabled ? 'COALESCE(disabled_at, now())' : 'NULL'}, updated_at = now()`, [
      id,
    ]);
  }

  /** @param from the hash that was verified. @returns undefined if the user has another one by now, or is disabled */
  async replaceHash(id: string, from: string, to: string): Promise<User | undefined> {
    return this.#change(
      'password_hash = $3, updated_at = now()',
      [id, from, to],
      'password_hash = $2 AND disabled_at IS NULL',
    );
  }

  /** Replaces the hash with one of the same password at the configured cost, unless the password has changed since. */
  async rehash(id: string, from: string, to: string): Promise<void> {
    await this.database.run(`UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, [id, from, to]);
  }

  /** Ids of the admins who can sign in. Locks their rows, so two admins who disable each other at once cannot both succeed. */
  async lockAdmins(): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM users WHERE 'admin' = ANY (roles) AND disabled_at IS NULL AND NOT is_demo ORDER BY id FOR UPDATE`,
    );
    return rows.map((row) => row.id);
  }

  async hasAdmin(): Promise<boolean> {
    const [row] = await this.database.rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM users WHERE 'admin' = ANY (roles) AND NOT is_demo) AS found`,
    );
    return row?.found === true;
  }

  async hasDemo(): Promise<boolean> {
    const [row] = await this.database.prepared<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM users WHERE is_demo) AS found`,
    );
    return row!.found;
  }

  /** Deletes the users of the demo desk, and their rows by cascade. @returns how many */
  async deleteDemo(): Promise<number> {
    const rows = await this.database.rows(
      `WITH gone AS (DELETE FROM users WHERE is_demo RETURNING id),
            told AS (${appendSql('users', 'id::text')} FROM gone)
       SELECT id FROM gone`,
    );
    return rows.length;
  }

  async #change(sets: string, values: unknown[], condition = 'true'): Promise<User | undefined> {
    const [user] = await this.database.rows<User>(
      `WITH changed AS (UPDATE users SET ${sets} WHERE id = $1 AND ${condition} RETURNING *),
            told AS (${appendSql('users', 'id::text')} FROM changed)
       SELECT ${COLUMNS} FROM changed`,
      values,
    );
    return user;
  }
}
