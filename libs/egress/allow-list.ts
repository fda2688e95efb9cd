import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Hosts of the desk: `host`, `host:port`, `[v6]:port` or a CIDR range. A host may resolve to any address; a range allows its addresses. */
export class AllowList {
  private readonly hosts = new Set<string>();
  private readonly ranges: Range[] = [];

  /** @throws RangeError for any other entry */
  add(entry: string): void {
    if (ipaddr.isValidCIDR(entry)) this.ranges.push(ipaddr.parseCIDR(entry));
    else this.hosts.add(hostOf(entry));
  }

  remove(entry: string): void {
    if (!ipaddr.isValidCIDR(entry)) this.hosts.delete(hostOf(entry));
  }

  /** @param url checked by its host, with or without its port */
  allowsHost(url: URL): boolean {
    return this.hosts.has(url.hostname) || this.hosts.has(`${url.hostname}:${portOf(url)}`);
  }

  /** @param address a well-formed one, without brackets */
  allowsAddress(address: string): boolean {
    if (this.ranges.length === 0 || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.parse(address);
    return this.ranges.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match([network, bits] as never),
    );
  }
}

/** The port of the URL, or the default port of its scheme. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** In the spelling of `URL.hostname`, so that `0x7f.1`, upper case and IDN mean the same as in a URL. */
function hostOf(entry: string): string {
  const bare = ipaddr.IPv6.isValid(entry) ? `[${entry}]` : entry;
  const url = URL.canParse(`https://${bare}/`) ? new URL(`https://${bare}/`) : undefined;
  if (
    url === undefined ||
    url.pathname !== '/' ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.hostname === ''
  ) {
    throw new RangeError(`${entry} is no host, host:port or CIDR range`);
  }
  // The parser drops the port of `https://host:443/`.
  const port = /:(\d+)$/.exec(bare.replace(/^\[[^\]]*\]/, ''))?.[1];
  return port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`;
}

/** For settings: whether an entry can be added. */
export function isAllowEntry(entry: string): boolean {
  try {
    new AllowList().add(entry);
    return true;
  } catch {
    return false;
  }
}
