import { type AddressClass, classifyAddress, isMetadata } from './address-class.js';
import { type AllowList, portOf } from './allow-list.js';
import { egressRefused } from './egress.errors.js';

export interface UrlPolicyOptions {
  allowHttp: boolean;
  /** Private and loopback addresses; never link-local ones or metadata. */
  allowPrivate: boolean;
  allowList: AllowList;
}

const LONGEST_URL = 2_048;

/** Names that are never public: RFC 6761, 6762, 8375 and ICANN's `internal`. */
const INSIDE = /(^|\.)(localhost|local|internal|home\.arpa|localdomain)$/;
const HOST = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** Above 1023, where other protocols than HTTP listen (the Fetch standard's list). */
const BAD_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** A URL and, if its host is an IP literal, its address. */
export interface CheckedUrl {
  url: URL;
  /** Without brackets; undefined for a name. */
  literal: string | undefined;
}

/**
 * Checks a URL without resolving its name. The parser is the WHATWG one that also connects: `http://2130706433/`,
 * `http://0177.1/` and `http://①②⑦.0.0.1/` are 127.0.0.1 for both.
 * @throws DomainError EGRESS_URL_INVALID, _SCHEME_, _USERINFO_, _PORT_, _HOST_ or _ADDRESS_REFUSED
 */
export function checkUrlText(text: string, options: UrlPolicyOptions): CheckedUrl {
  // Parsers disagree on backslashes, tabs and line ends. No URL needs them.
  if (
    text.length > LONGEST_URL ||
    /[\\\t\r\n\0]/.test(text) ||
    !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ||
    !URL.canParse(text)
  ) {
    throw egressRefused(
      'EGRESS_URL_INVALID',
      `A URL must be absolute, well-formed and at most ${LONGEST_URL} characters: https://host/path.`,
    );
  }
  const url = new URL(text);
  const wanted = options.allowHttp ? 'https: or http:' : 'https:';
  if (url.protocol !== 'https:' && !(options.allowHttp && url.protocol === 'http:')) {
    throw egressRefused('EGRESS_SCHEME_REFUSED', `The scheme must be ${wanted}, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?#\\]*@/i.test(text)) {
    throw egressRefused('EGRESS_USERINFO_REFUSED', 'A URL must not carry a user or a password before the host.');
  }
  const own = options.allowList.allowsHost(url);
  const port = portOf(url);
  if (!own && ((port < 1_024 && port !== 80 && port !== 443) || BAD_PORTS.has(port))) {
    throw egressRefused('EGRESS_PORT_REFUSED', `Port ${port} belongs to another protocol than HTTP.`);
  }
  const literal = literalOf(url);
  if (literal !== undefined) checkAddress(url, literal, options);
  else if (!own) checkName(url.hostname);
  return { url, literal };
}

/**
 * A host of the desk may have any address except those that return credentials: these need a range of their own in the
 * list.
 * @throws DomainError EGRESS_ADDRESS_REFUSED, also for an address of unknown class
 */
export function checkAddress(url: URL, address: string, options: UrlPolicyOptions): void {
  const kind = classifyAddress(address);
  const metadata = isMetadata(address) || kind === 'link-local';
  if (kind === 'public' && !metadata) return;
  if (kind !== 'invalid' && options.allowList.allowsAddress(address)) return;
  if (kind !== 'invalid' && !metadata && options.allowList.allowsHost(url)) return;
  if (options.allowPrivate && (kind === 'private' || kind === 'loopback') && !metadata) return;
  throw egressRefused(
    'EGRESS_ADDRESS_REFUSED',
    `${url.hostname} leads to ${article(metadata ? 'link-local' : kind)}address, which requests may not reach.`,
  );
}

function checkName(hostname: string): void {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (name.length > 253 || !HOST.test(name))
    throw egressRefused('EGRESS_URL_INVALID', 'The host of the URL is no name of a host.');
  if (INSIDE.test(name))
    throw egressRefused('EGRESS_HOST_REFUSED', `${name} is an internal name, which requests may not reach.`);
}

function literalOf(url: URL): string | undefined {
  if (url.hostname.startsWith('[')) return url.hostname.slice(1, -1);
  // The parser writes every IPv4 address as four decimal parts, and nothing else so.
  return /^\d+\.\d+\.\d+\.\d+$/.test(url.hostname) ? url.hostname : undefined;
}

function article(kind: AddressClass): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
