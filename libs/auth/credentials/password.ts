import { randomInt } from 'node:crypto';
import { wireText } from '#text';

/** The only rule is length (NIST SP 800-63B); the maximum bounds the cost of a hash. */
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 256;

/** A password that a user chooses. */
export const newPassword = wireText(PASSWORD_MAX, PASSWORD_MIN);

/** A password at sign-in. Longer ones can never have been chosen, so they are not hashed. */
export const triedPassword = wireText(PASSWORD_MAX);

// Without 0 O 1 l I, because people read these from a terminal.
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A one-time password of five groups of five, about 145 bits. */
export function oneTimePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}

/** Unicode NFKC, because a phone and a desktop may encode the same characters differently. */
export function canonicalPassword(password: string): string {
  return password.normalize('NFKC');
}
