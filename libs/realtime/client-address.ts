import { BlockList, isIP } from 'node:net';

/**
 * The address of a client behind proxies. `X-Forwarded-For` is believed only as far as those who wrote it are trusted:
 * read from the right, the first address that is no trusted proxy is the client's; whatever stands left of it may be made up.
 * @param trusted addresses and networks (`10.0.0.0/8`); with none, the peer is the client
 */
export function clientAddressOf(
  trusted: readonly string[],
): (peer: string, forwardedFor: string | undefined) => string {
  const proxies = new BlockList();
  for (const entry of trusted) addTo(proxies, entry);
  const isProxy = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (peer, forwardedFor) => {
    let client = bare(peer);
    const hops = forwardedFor?.split(',') ?? [];
    while (hops.length > 0 && isProxy(client)) {
      const next = bare(hops.pop()!.trim());
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  };
}

function addTo(list: BlockList, entry: string): void {
  const [address = '', prefix] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) throw new Error(`A trusted proxy is an address or a network, not "${entry}".`);
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

/** An IPv4 address that came over an IPv6 socket is the IPv4 address. */
function bare(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
