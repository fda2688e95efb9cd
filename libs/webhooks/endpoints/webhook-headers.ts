import { z } from 'zod';
import { publishSchemas } from '#schemas';

/** Headers of an endpoint that are sent with each message. Their values are secrets. */
export type CustomHeaders = Readonly<Record<string, string>>;

/** Headers that a message has by itself, and those of the connection. */
const RESERVED = new Set([
  ...['content-type', 'content-length', 'content-encoding', 'user-agent', 'accept-encoding', 'x-correlation-id'],
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  ...['host', 'connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['proxy-authorization', 'proxy-authenticate', 'proxy-connection'],
]);
const MAX_HEADERS = 10;
const NAME = 'a header name of 1 to 64 letters, digits, - and _, beginning with a letter';
const NOT_RESERVED = 'a header that no message or connection has by itself, such as X-Api-Key or Authorization';
const VALUE = 'one line of 1 to 4096 printable ASCII characters, without blanks at its ends';
const SIGN_IN = 'text of 1 to 200 characters without control characters';

const isName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name);
const headerValue = z
  .string({ error: VALUE })
  .max(4_096, { error: VALUE })
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, { error: VALUE });

export const headersSchema = z
  .record(z.string(), headerValue, { error: 'an object of header names and values' })
  .superRefine((headers, context) => {
    const names = Object.keys(headers);
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (names.length > MAX_HEADERS) refuse([], `at most ${MAX_HEADERS} headers`);
    if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
      refuse([], 'each header once, whatever its case');
    for (const name of names) {
      if (!isName(name)) refuse([name.slice(0, 64)], NAME);
      else if (RESERVED.has(name.toLowerCase())) refuse([name], NOT_RESERVED);
    }
  })
  .describe('Headers sent with each message, such as an API key of the receiver. Stored encrypted and never shown');

const signIn = z.string({ error: SIGN_IN }).regex(/^[^\p{Cc}]{1,200}$/u, { error: SIGN_IN });

export const basicAuthSchema = z
  .strictObject({
    username: signIn.refine((name) => !name.includes(':'), { error: 'a user name without a colon' }),
    password: signIn,
  })
  .describe('Sent as the header Authorization (RFC 7617). Stored encrypted and never shown');

/** The two ways to give headers. `null` and an empty object remove them. */
export interface GivenHeaders {
  headers?: CustomHeaders | null | undefined;
  basicAuth?: z.output<typeof basicAuthSchema> | null | undefined;
}

/** For a schema with both fields: a message has one header Authorization. */
export const oneAuthorization: [(given: GivenHeaders) => boolean, { path: string[]; error: string }] = [
  ({ headers, basicAuth }) =>
    !basicAuth || !Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization'),
  { path: ['basicAuth'], error: 'either basicAuth or the header Authorization' },
];

/** All given headers, by lower-case names. Undefined if none are given, so that those of the endpoint stay. */
export function givenHeaders({ headers, basicAuth }: GivenHeaders): CustomHeaders | undefined {
  if (headers === undefined && basicAuth === undefined) return undefined;
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const authorization =
    basicAuth && `Basic ${Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString('base64')}`;
  return Object.fromEntries([...named, ...(authorization ? [['authorization', authorization] as const] : [])]);
}

publishSchemas({ BasicAuth: basicAuthSchema });
