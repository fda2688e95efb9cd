import { wireText } from '#text';

const SHAPE = /^[^\s@]+@[^\s@]+$/;

/** The form in which an e-mail is stored, found and counted. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

/** Parses an e-mail address and normalises it. */
export const emailAddress = wireText(254, 3)
  .transform(normaliseEmail)
  .refine((email) => email.length <= 254 && SHAPE.test(email), {
    error: 'an e-mail address such as "desk@example.com"',
  });
