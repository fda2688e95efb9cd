import { createHash, randomBytes } from 'node:crypto';

const LATEST_MS = 2 ** 48 - 1;

/** A fresh UUIDv7 of that moment. @throws RangeError for a moment before 1970 */
export function uuid7(at: Date): string {
  return uuidOf(msOf(at), 7, randomBytes(10));
}

/**
 * The id of an event, the same in every process and every retry: a UUIDv8 of the time and SHA-256 of the key. Recording
 * the same event again changes nothing.
 * @param naturalKey identifies the event within its millisecond, for example `edgar:0000320193-26-000042`
 * @throws RangeError for a moment before 1970
 */
export function uuid8(at: Date, naturalKey: string): string {
  return uuidOf(msOf(at), 8, createHash('sha256').update(naturalKey).digest());
}

/** The millisecond that a UUIDv7 or UUIDv8 of this lib begins with. */
export function timeOfUuid(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/**
 * The smallest id of a moment or later, for `id >= firstUuidFrom(from)` and `id < firstUuidFrom(to)`. Ids are exact to
 * the millisecond, so a bound between two milliseconds means the later one.
 * @param time RFC 3339 with zone, any number of fractional digits
 */
export function firstUuidFrom(time: string): string {
  const below = /\.\d{3}(\d+)/.exec(time)?.[1] ?? '';
  const ms = Date.parse(time) + (/[1-9]/.test(below) ? 1 : 0);
  const clamped = Math.min(Math.max(ms, 0), LATEST_MS);
  return written(clamped.toString(16).padStart(12, '0').padEnd(32, '0'));
}

/**
 * SQL for a fresh UUIDv7 of a given time. PostgreSQL's own uuidv7() takes the server's current time.
 * @param time an expression of type timestamptz
 */
export function uuid7Sql(time: string): string {
  return `(lpad(to_hex(floor(extract(epoch FROM ${time}) * 1000)::bigint), 12, '0')
    || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid`;
}

/** 48 bits of Unix milliseconds, the version nibble, then 74 of the given bits around the variant (RFC 9562). */
function uuidOf(ms: number, version: 7 | 8, rest: Buffer): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(ms, 0, 6);
  rest.copy(bytes, 6, 0, 10);
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return written(bytes.toString('hex'));
}

function written(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function msOf(at: Date): number {
  const ms = at.getTime();
  if (!(ms >= 0 && ms <= LATEST_MS)) throw new RangeError(`An id needs a time from 1970 on, not ${String(at)}.`);
  return ms;
}
