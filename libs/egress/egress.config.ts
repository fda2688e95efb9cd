import { z } from 'zod';
import { configSlice, env, flag, integer, type SliceValue, text } from '#config';
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

export const egressConfig = configSlice('egress', {
  allowHosts: env(
    'EGRESS_ALLOW_HOSTS',
    allowEntries(),
    "The desk's own hosts, which may have private addresses: host, host:port or CIDR, comma-separated",
  ),
  allowHttp: env('EGRESS_ALLOW_HTTP', flag(), 'Plain http: is allowed; unset means only outside production'),
  allowPrivate: env(
    'EGRESS_ALLOW_PRIVATE',
    flag(false),
    'Every private and loopback address is allowed; metadata and link-local ones never are',
  ),
  connectTimeoutMs: env(
    'EGRESS_CONNECT_TIMEOUT_MS',
    integer(5_000, 10, 120_000),
    'Connecting, TLS included, to one address takes at most so long, ms',
  ),
  connectionsPerHost: env('EGRESS_CONNECTIONS_PER_HOST', integer(64, 1, 10_000), 'Connections to one host at most'),
  caFile: env(
    'EGRESS_CA_FILE',
    text(),
    "PEM file of certificate authorities trusted besides the system's, for the desk's own hosts",
  ),
});
export type EgressConfig = SliceValue<typeof egressConfig>;
