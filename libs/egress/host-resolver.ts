import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';

/**
 * Resolves a name to addresses by the system's resolver, including /etc/hosts. Concurrent callers of one name share one
 * answer, and nothing is cached. Tests script the answers in a subclass.
 */
@Injectable()
export class HostResolver {
  private readonly asking = new Map<string, Promise<string[]>>();

  /** Every address of the name, IPv4 and IPv6. An empty answer means that the name does not exist. */
  resolve(host: string): Promise<string[]> {
    const running = this.asking.get(host);
    if (running !== undefined) return running;
    const asked = lookup(host, { all: true, order: 'verbatim' })
      .then((found) => found.map(({ address }) => address))
      .finally(() => this.asking.delete(host));
    this.asking.set(host, asked);
    return asked;
  }
}
