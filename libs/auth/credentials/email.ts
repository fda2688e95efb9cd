import { wireText } from '#text';

const SHAPE = /^[^\s@]+@[^\s@]+$/;

/** The one spelling under which an e-mail is stored, found and counted. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

/** An e-mail address as it comes; what comes out is normalised. */
export const emailAddress = wireText(254, 3)
  .transform(normaliseEmail)
  .refine((email) => email.length <= 254 && SHAPE.test(email), {
    error: 'an e-mail address such as "desk@example.com"',
  });
