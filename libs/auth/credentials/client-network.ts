import { isIP } from 'node:net';

/**
 * The network that failed sign-ins are counted by: an IPv4 address, or the /64 of an IPv6 address, because a household or
 * a phone owns a whole /64 and could use a new address for each attempt.
 * @returns undefined if the text is not an address (a Unix socket)
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
  // The WHATWG URL parser writes an IPv6 address in its short form, and an embedded IPv4 address as groups.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
