import { getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';

export interface ConnectorOptions {
  timeoutMs: number;
  /** PEM, trusted in addition to the default authorities. */
  ca: string | undefined;
}

/**
 * Connects only to checked addresses. It resolves no name, so DNS cannot change between the check and the connection.
 * TLS still sends the name and verifies it.
 * @param addresses tried in order within one timeout
 */
export function pinnedConnector(addresses: readonly string[], options: ConnectorOptions): buildConnector.connector {
  const ca = options.ca === undefined ? {} : { ca: [...getCACertificates('default'), options.ca] };
  // `lookup` is never called for an address. A name that reaches it does not connect.
  const connect = buildConnector({ timeout: options.timeoutMs, maxCachedSessions: 8, lookup: refuseLookup, ...ca });
  return (wanted, callback) => {
    const servername = wanted.servername ?? serverNameOf(wanted.hostname);
    const attempt = (at: number): void => {
      const target = { ...wanted, hostname: addresses[at]!, ...(servername === undefined ? {} : { servername }) };
      connect(target, (error, socket) => {
        if (error !== null && at + 1 < addresses.length) return attempt(at + 1);
        if (error !== null) return callback(error, null);
        return callback(null, socket!);
      });
    };
    attempt(0);
  };
}

function serverNameOf(hostname: string): string | undefined {
  return /^\[|^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? undefined : hostname;
}

function refuseLookup(
  hostname: string,
  _options: unknown,
  callback: (error: Error, address: string, family: number) => void,
): void {
  callback(Object.assign(new Error(`${hostname} was to be resolved after its check`), { code: 'ENOTFOUND' }), '', 4);
}
