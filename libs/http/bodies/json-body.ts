import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DomainError, requestError } from '#errors';
import { invalidRequest } from '../invalid-request.js';
import { duplicateKey, keysSpelled } from './duplicate-key.js';

export const MAX_JSON_DEPTH = 32;
const MAX_KEYS = 1_000;
/** JSON is UTF-8 (RFC 8259). Reading a body with another charset as UTF-8 would store text other than the client meant. */
const FOREIGN_CHARSET = /;\s*charset\s*=\s*(?!"?(?:utf-?8|us-ascii)"?\s*(?:;|$))/i;

const JSON_TYPE = /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i;

/** Accepts JSON only, within limits: JSON.parse accepts 500,000 levels of nesting, but JSON.stringify overflows at 10,000. */
export function addJsonParser(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  fastify.removeContentTypeParser('application/json');
  const read = (request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void) => {
    if (hasForeignCharset(request.headers['content-type'] ?? '')) {
      return done(requestError('REQUEST_MEDIA_TYPE', 'JSON is UTF-8: send application/json without another charset.'));
    }
    if (bytes.length === 0) return done(null, undefined);
    let body: unknown;
    try {
      body = strictJson(bytes);
    } catch (error) {
      return done(error as DomainError);
    }
    done(null, body);
  };
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, read);
  fastify.addContentTypeParser(/^application\/[\w.-]+\+json(?:;|$)/, { parseAs: 'buffer' }, read);
}

export function hasForeignCharset(type: string): boolean {
  return FOREIGN_CHARSET.test(type);
}

export function isJsonType(type: string): boolean {
  return JSON_TYPE.test(type);
}

/**
 * @param what the text in messages
 * @param depth levels that it may have
 * @throws DomainError REQUEST_INVALID
 */
export function strictJson(bytes: Buffer, what = 'The body', depth = MAX_JSON_DEPTH): unknown {
  // Decoding replaces invalid bytes by U+FFFD, which would store something other than was sent.
  if (!isUtf8(bytes)) throw bodyError(`${what} is not valid UTF-8.`, 'JSON in UTF-8');
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bodyError(`${what} is not JSON: ${(error as Error).message.slice(0, 200)}`, 'one JSON value');
  }
  const { beyond, keys } = measure(value, depth);
  if (beyond) throw bodyError(`${what} is refused: ${beyond}.`, beyond);
  if (keysSpelled(text) === keys) return value;
  const key = duplicateKey(text)?.slice(0, 100) ?? '';
  throw bodyError(`${what} has the key ${JSON.stringify(key)} twice in one object.`, 'each key once in an object', key);
}

/** Counts all keys and finds a limit that is exceeded. Iterative, because a recursive walk would overflow itself. */
function measure(body: unknown, maxDepth: number): { keys: number; beyond?: string } {
  let keys = 0;
  let level: object[] = typeof body === 'object' && body !== null ? [body] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return { keys, beyond: `at most ${MAX_JSON_DEPTH} levels of nesting` };
    const next: object[] = [];
    for (const value of level) {
      const items: unknown[] = Array.isArray(value) ? value : Object.values(value);
      if (items !== value) {
        keys += items.length;
        if (pollutes(value)) return { keys, beyond: 'no __proto__ and no constructor.prototype' };
        if (items.length > MAX_KEYS) return { keys, beyond: `at most ${MAX_KEYS} fields in one object` };
      }
      for (const item of items) if (typeof item === 'object' && item !== null) next.push(item);
    }
    level = next;
  }
  return { keys };
}

/** Harmless in JSON, but code that merges or clones the value could set a prototype with it. */
function pollutes(value: object): boolean {
  if (Object.hasOwn(value, '__proto__')) return true;
  if (!Object.hasOwn(value, 'constructor')) return false;
  const { constructor } = value as { constructor: unknown };
  return typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype');
}

export function bodyError(message: string, allowed: string, field = ''): DomainError {
  return invalidRequest([{ field, allowed }], message);
}
