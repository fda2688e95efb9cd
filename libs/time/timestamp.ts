import { z } from 'zod';

/** A time in RFC 3339 with a zone, for example `2026-08-17T09:15:00+05:30` or `..Z`. A time without a zone is refused. */
export const timestamp = z.iso.datetime({
  offset: true,
  error: 'a time in RFC 3339 with a zone, such as "2026-08-17T09:15:00+05:30" or "2026-08-17T03:45:00Z"',
});
