import { isIP } from 'node:net';

/**
 * The unit that login failures of an address are counted by: an IPv4 address, or the /64 of an IPv6 one
 * (a home or a phone owns a whole /64, so counting single addresses would count nothing).
 * @returns undefined if it is no address (a Unix socket)
 */
export function clientNetwork(address: string): string | undefined {
  const bare = address.split('%')[0]!;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  const candidate = mapped ?? bare;
  const version = isIP(candidate);
  if (version === 0) return undefined;
  return version === 4 ? candidate : prefix64(candidate);
}

function prefix64(address: string): string {
  // WHATWG's URL parser spells an IPv6 address in its one short form, an embedded IPv4 address as groups.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
