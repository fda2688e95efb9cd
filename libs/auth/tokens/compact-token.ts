import { Refusal } from '../refusal.js';

/** Access tokens have about 400 bytes. HTTP accepts headers of up to 160 KB, so the limit is checked here. */
export const MAX_TOKEN_BYTES = 8192;

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** The header of a compact JWS, not verified yet. */
export interface TokenHeader {
  alg: string;
  kid: string | undefined;
}

/**
 * Checks the form of a token before a library parses it (RFC 7515 section 3.1). It has three parts, each in canonical
 * base64url, because Node ignores padding bits, `+` and whitespace and would accept several texts for one signature. The
 * header holds alg, typ and kid only: no `crit`, no embedded `jwk`, no `jku`.
 * @throws Refusal
 */
export function readHeader(token: string): TokenHeader {
  if (token.length > MAX_TOKEN_BYTES) throw new Refusal('too_long');
  const parts = COMPACT.exec(token);
  if (parts === null) throw new Refusal('malformed');
  for (const part of parts.slice(1)) {
    if (Buffer.from(part, 'base64url').toString('base64url') !== part) throw new Refusal('malformed');
  }
  const header = parseObject(Buffer.from(parts[1]!, 'base64url').toString());
  for (const member of Object.keys(header)) {
    if (!HEADER_MEMBERS.has(member)) throw new Refusal('malformed');
  }
  const { alg, typ, kid } = header;
  if (typeof alg !== 'string') throw new Refusal('algorithm');
  if (typ !== undefined && typ !== 'JWT') throw new Refusal('malformed');
  if (kid !== undefined && typeof kid !== 'string') throw new Refusal('malformed');
  return { alg, kid };
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new Refusal('malformed');
}
