import { z } from 'zod';
import { configSlice, env, flag, type SliceValue, text } from '#config';
import { isAllowEntry } from './allow-list.js';

function allowEntries(): z.ZodType<string[]> {
  return z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.every(isAllowEntry), {
      error: "comma-separated hosts, host:port or CIDR ranges, e.g. 'hooks.desk.internal,10.2.0.0/16'",
    }) as unknown as z.ZodType<string[]>;
}

export const egressConfig = configSlice(
  'egress',
  {
    allowHosts: env(
      'EGRESS_ALLOW_HOSTS',
      allowEntries(),
      'Your own hosts that may have private addresses: host, host:port or CIDR range, comma-separated',
    ),
    allowHttp: env('EGRESS_ALLOW_HTTP', flag(), 'Allows plain http:. Unset: only outside production'),
    allowPrivate: env(
      'EGRESS_ALLOW_PRIVATE',
      flag(false),
      'Allows all private and loopback addresses. Metadata and link-local addresses are always refused',
    ),
    caFile: env('EGRESS_CA_FILE', text(), 'PEM file of certificate authorities to trust besides those of the system'),
    contact: env(
      'EGRESS_CONTACT',
      text(),
      'E-mail address in the User-Agent header of outgoing requests. sec.gov requires one',
      { formerly: ['FEEDS_CONTACT', 'FILINGS_USER_AGENT'] },
    ),
  },
  {
    /** Maximum time to connect to one address, with TLS, in ms. */
    connectTimeoutMs: 5_000,
  },
);
export type EgressConfig = SliceValue<typeof egressConfig>;
