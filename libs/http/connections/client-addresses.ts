import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * The addresses of clients behind proxies. `X-Forwarded-For` is believed only as far as those who wrote it are trusted:
 * read from the right, the first address that is no trusted proxy is the client's. Entries to the left of it may be made up.
 */
export class ClientAddresses {
  readonly #proxies = new BlockList();

  /** @param trusted addresses and networks (`10.0.0.0/8`); with none, the peer is the client */
  constructor(trusted: readonly string[]) {
    for (const entry of trusted) addTo(this.#proxies, entry);
  }

  isProxy(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#proxies.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  of(peer: string, forwardedFor: string | undefined): string {
    let client = bareAddress(peer);
    const hops = forwardedFor?.split(',') ?? [];
    while (hops.length > 0 && this.isProxy(client)) {
      const next = bareAddress(hops.pop()!.trim());
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  }

  ofRequest(request: IncomingMessage): string {
    const forwardedFor = request.headers['x-forwarded-for'];
    return this.of(
      request.socket.remoteAddress ?? '',
      Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor,
    );
  }
}

/**
 * An address without brackets and port (`1.2.3.4:5678`, `[::1]:443`, as some proxies write them). An IPv4 address that
 * arrived over an IPv6 socket is the IPv4 address.
 */
function bareAddress(text: string): string {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** Removes ports from X-Forwarded-For before anybody reads it: Fastify would take `1.2.3.4:5678` for the address. */
export function bareForwardedFor(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const forwardedFor = headers['x-forwarded-for'];
    if (typeof forwardedFor === 'string' && /[:[]/.test(forwardedFor))
      headers['x-forwarded-for'] = forwardedFor
        .split(',')
        .map((hop) => bareAddress(hop.trim()))
        .join(', ');
    done();
  });
}

function addTo(list: BlockList, entry: string): void {
  const [address = '', prefix] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) throw new Error(`A trusted proxy is an address or a network, not "${entry}".`);
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}
