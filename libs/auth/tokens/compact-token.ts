import { Refusal } from '../refusal.js';

/** Ours are about 400 bytes; a header of 16 KB would still pass HTTP, so the cap is here. */
export const MAX_TOKEN_BYTES = 8192;

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** What the header of a compact JWS claims about itself; nothing of it is proven yet. */
export interface TokenHeader {
  alg: string;
  kid: string | undefined;
}

/**
 * The strict look at a token before any library sees it (RFC 7515 section 3.1): three parts, each the one base64url spelling
 * of its bytes (Node decodes padding bits, `+` and whitespace away, so two texts would be one signature), and a header
 * of alg, typ and kid only: no `crit`, no embedded `jwk`, no `jku`.
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
    // Not JSON: the same refusal as JSON that is no object.
  }
  throw new Refusal('malformed');
}
