import { z } from 'zod';
import type { DomainError } from '#errors';
import { wireList } from '#text';
import { parseRequest, type RequestPart } from './invalid-request.js';

const schema = z.strictObject({ email: z.string({ error: 'an e-mail address' }), token: z.string().optional() });

function refusal(part: RequestPart, value: unknown, by: z.ZodType = schema): DomainError {
  try {
    parseRequest(part, by, value);
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('It was accepted.');
}

describe('An invalid request', () => {
  it.each([
    ['body', 'no such field in this body'],
    ['query', 'no such query parameter'],
    ['message', 'no such field in this message'],
  ] as const)('the error names an unknown key in the terms of a %s', (part, allowed) => {
    const { message, details } = refusal(part, { email: 'a@b.c', nope: 1 });
    expect(message).toBe(`nope: ${allowed}`);
    expect(details.errors).toEqual([{ field: 'nope', allowed }]);
  });

  it.each([
    ['body', 'The body: '],
    ['query', 'The query: '],
    ['message', 'The message: '],
  ] as const)('the error names a wrong value as a whole in the terms of a %s', (part, begin) => {
    expect(refusal(part, 7).message).toContain(begin);
  });

  it('An invalid request counts the wrong fields after the first, and shows what was received', () => {
    const { message, details } = refusal('body', { email: 7, other: 1 });
    expect(message).toBe('email: an e-mail address (and 1 more)');
    expect(details.errors).toContainEqual({ field: 'email', seen: '7', allowed: 'an e-mail address' });
  });

  it('an item of a list is named by its number, and a list that was given once by its parameter', () => {
    const list = z.strictObject({ state: wireList(z.enum(['live', 'stale'], { error: 'live or stale' })) });
    const errors = (state: unknown) => refusal('query', { state }, list).details.errors;
    expect(errors(['live', 'dead'])).toEqual([{ field: 'state[1]', seen: '"dead"', allowed: 'live or stale' }]);
    expect(errors('dead')).toEqual([{ field: 'state', seen: '"dead"', allowed: 'live or stale' }]);
  });

  it('An invalid request never shows a secret, neither in its field nor sent as the whole message', () => {
    expect(JSON.stringify(refusal('body', { email: 'a', token: 424242 }).details)).not.toContain('424242');
    expect(JSON.stringify(refusal('message', 'eyJhbGciOi').details)).not.toContain('eyJ');
  });

  it('the error lists at most 20 fields with names of at most 120 characters, and the number of the others', () => {
    const unknown = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${'k'.repeat(500)}${i}`, 1]));
    const { details, message } = refusal('body', { email: 'a', ...unknown });
    const { errors = [] } = details;
    expect(errors).toHaveLength(20);
    expect(message).toContain('`errors` lists the first 20, 880 more are not shown');
    expect(errors.every(({ field }) => field.length <= 120)).toBe(true);
  });
});
