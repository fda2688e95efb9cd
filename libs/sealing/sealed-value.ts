/** The parts of `v1:kid:nonce:ciphertext:tag`, each but the first in unpadded base64url. */
export interface SealedValue {
  kid: string;
  nonce: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

const VERSION = 'v1';
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** kid 8 bytes, nonce 12, ciphertext any, tag 16. The lengths are part of the grammar, so a shortened tag is refused. */
const GRAMMAR = /^v1:([A-Za-z0-9_-]{11}):([A-Za-z0-9_-]{16}):([A-Za-z0-9_-]*):([A-Za-z0-9_-]{22})$/;

export function writeSealed(value: SealedValue): string {
  const parts = [value.nonce, value.ciphertext, value.tag].map((part) => part.toString('base64url'));
  return [VERSION, value.kid, ...parts].join(':');
}

/** Returns `undefined` for anything that `writeSealed` would not have written, down to the last bit of base64. */
export function readSealed(text: string): SealedValue | undefined {
  const match = GRAMMAR.exec(text);
  if (match === null) return undefined;
  const [, kid, nonce, ciphertext, tag] = match as unknown as [string, string, string, string, string];
  const value = {
    kid,
    nonce: Buffer.from(nonce, 'base64url'),
    ciphertext: Buffer.from(ciphertext, 'base64url'),
    tag: Buffer.from(tag, 'base64url'),
  };
  // base64 can write one value in several ways (unused low bits). Only the canonical one is accepted.
  return writeSealed(value) === text ? value : undefined;
}
