/** Turns a name into addresses; the port through which tests script what a resolver says. */
export abstract class HostResolver {
  /** Every address of the name, IPv4 and IPv6. An empty answer is a name that is not there. */
  abstract resolve(host: string): Promise<string[]>;
}
