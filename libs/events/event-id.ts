import { createHash, randomBytes } from 'node:crypto';

const LATEST_MS = 2 ** 48 - 1;

/**
 * Ids of events start with their time: 48 bits of Unix milliseconds, then the version nibble (RFC 9562).
 * So one column says which, when and in what order; it is the key of the monthly partitions, and so unique across them.
 */
function idAt(ms: number, version: 7 | 8, rest: Buffer): string {
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

/** A fresh UUIDv7 of that moment. */
export function newEventId(occurredAt: Date): string {
  return idAt(timeOf(occurredAt), 7, randomBytes(10));
}

/**
 * The one id of something that happened, the same in every process and every retry (UUIDv8: the time, then SHA-256 of
 * the key): recording it again changes nothing.
 * @param naturalKey what makes it that one, e.g. `edgar:0000320193-26-000042`
 */
export function eventIdFor(occurredAt: Date, naturalKey: string): string {
  return idAt(timeOf(occurredAt), 8, createHash('sha256').update(naturalKey).digest());
}

/** The millisecond that an event id begins with. */
export function eventTime(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/**
 * The smallest id of a moment or later, for `id >= firstIdFrom(from)` and `id < firstIdFrom(to)`. Events are exact to
 * the millisecond: a bound between two of them means the next one.
 * @param time RFC 3339 with zone, any number of fractional digits
 */
export function firstIdFrom(time: string): string {
  const below = /\.\d{3}(\d+)/.exec(time)?.[1] ?? '';
  const ms = Date.parse(time) + (/[1-9]/.test(below) ? 1 : 0);
  const clamped = Math.min(Math.max(ms, 0), LATEST_MS);
  return written(clamped.toString(16).padStart(12, '0').padEnd(32, '0'));
}

function timeOf(occurredAt: Date): number {
  const ms = occurredAt.getTime();
  if (!(ms >= 0 && ms <= LATEST_MS))
    throw new RangeError(`an event's time must be from 1970 on, not ${String(occurredAt)}`);
  return ms;
}
