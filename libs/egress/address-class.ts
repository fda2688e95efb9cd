import ipaddr from 'ipaddr.js';

/** The class of an IP address, as seen from inside a desk's network. Only `public` is allowed by default. */
export type AddressClass =
  'public' | 'private' | 'loopback' | 'link-local' | 'multicast' | 'unspecified' | 'embedded' | 'reserved' | 'invalid';

const CLASSES: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  private: 'private',
  carrierGradeNat: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
  loopback: 'loopback',
  linkLocal: 'link-local', // Contains 169.254.169.254, the metadata service of clouds.
  multicast: 'multicast',
  broadcast: 'multicast',
  unspecified: 'unspecified',
  ipv4Mapped: 'embedded',
  rfc6145: 'embedded',
  rfc6052: 'embedded',
  '6to4': 'embedded',
  teredo: 'embedded',
};

/** Metadata services outside the link-local range: Alibaba, AWS over IPv6, the former one of Oracle. */
const METADATA = new Set(['100.100.100.200', '192.0.0.192', 'fd00:ec2::254']);

/**
 * IPv6 that is routed. For addresses outside of it, ipaddr.js still returns `unicast`, for example for `::127.0.0.1`
 * (RFC 4291 2.5.5.1).
 */
const GLOBAL = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number];

/**
 * @param address as a resolver or `URL.hostname` gives it, without brackets; anything else is `invalid`
 *
 * An IPv4 address inside an IPv6 one is `embedded` and always refused (mapped, translated, 6to4, Teredo, compatible):
 * no receiver needs such a spelling. The one exception is NAT64's well-known prefix, which DNS64 gives for every IPv4-only
 * receiver on an IPv6-only network: there the IPv4 address inside decides.
 */
export function classifyAddress(address: string): AddressClass {
  const parsed = strictly(address);
  if (parsed === undefined) return 'invalid';
  if (parsed.kind() === 'ipv4') return CLASSES[parsed.range()] ?? 'reserved';
  const v6 = parsed as ipaddr.IPv6;
  if (v6.match(NAT64)) {
    const inside = classifyAddress(v6.toByteArray().slice(12).join('.'));
    return inside === 'public' ? 'public' : 'embedded';
  }
  const found = CLASSES[v6.range()] ?? 'reserved';
  return found === 'public' && !v6.match(GLOBAL) ? 'embedded' : found;
}

/** Addresses that return credentials to any caller. Refused even where private addresses are allowed. */
export function isMetadata(address: string): boolean {
  const parsed = strictly(address);
  return parsed !== undefined && METADATA.has(parsed.toString());
}

/** Accepts only the spelling of a resolver; ipaddr.js also reads `0x7f.1` and `127.1`. */
function strictly(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  return address.includes(':') && !address.includes('%') && ipaddr.IPv6.isValid(address)
    ? ipaddr.IPv6.parse(address)
    : undefined;
}
