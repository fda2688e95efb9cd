import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { HostResolver } from './host-resolver.js';

/** The system's own resolver, /etc/hosts included. Those who ask for one name at once share one answer; nothing is kept. */
@Injectable()
export class SystemResolver extends HostResolver {
  private readonly asking = new Map<string, Promise<string[]>>();

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
