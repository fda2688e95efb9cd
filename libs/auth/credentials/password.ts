import { randomInt } from 'node:crypto';
import { wireText } from '#text';

/** Length is what counts (NIST SP 800-63B); 256 keeps the hash from chewing megabytes. */
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 256;

/** A password that is being chosen. */
export const newPassword = wireText(PASSWORD_MAX, PASSWORD_MIN);

/** A password that is being tried: what was never allowed to be chosen need not be hashed. */
export const triedPassword = wireText(PASSWORD_MAX);

// Without 0 O 1 l I: people read these from a terminal.
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A one-time password of five groups of five, about 145 bits. */
export function oneTimePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}

/** One spelling a password: what a phone and a desktop send for the same keys (Unicode NFKC). */
export function canonicalPassword(password: string): string {
  return password.normalize('NFKC');
}
