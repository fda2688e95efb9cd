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

/** Names that never lead out: RFC 6761, 6762, 8375 and ICANN's `internal`. */
const INSIDE = /(^|\.)(localhost|local|internal|home\.arpa|localdomain)$/;
const HOST = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** Above 1023, where other protocols than HTTP listen (the Fetch standard's list). */
const BAD_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** A URL and, when its host is a literal, the address that it is. */
export interface CheckedUrl {
  url: URL;
  /** Without brackets; undefined for a name. */
  literal: string | undefined;
}

/**
 * What can be told of a URL without asking anybody. The parser is WHATWG's, the same that connects: `http://2130706433/`,
 * `http://0177.1/` and `http://①②⑦.0.0.1/` are 127.0.0.1 for both.
 * @throws DomainError EGRESS_URL_INVALID, _SCHEME_, _USERINFO_, _PORT_, _HOST_ or _ADDRESS_REFUSED
 */
export function checkUrlText(text: string, options: UrlPolicyOptions): CheckedUrl {
  // A backslash is a slash to some parsers and a letter to others; tabs and line ends are dropped by some. Neither is needed.
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
 * An own host may have any address but those that hand out credentials: these need their own range in the list.
 * @throws DomainError EGRESS_ADDRESS_REFUSED; what nothing is known of is refused
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
    `${url.hostname} leads to ${article(metadata ? 'link-local' : kind)} address, which is not reached from here.`,
  );
}

function checkName(hostname: string): void {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (name.length > 253 || !HOST.test(name))
    throw egressRefused('EGRESS_URL_INVALID', 'The host of the URL is no name of a host.');
  if (INSIDE.test(name))
    throw egressRefused('EGRESS_HOST_REFUSED', `${name} is a name of the inside, which is not reached from here.`);
}

function literalOf(url: URL): string | undefined {
  if (url.hostname.startsWith('[')) return url.hostname.slice(1, -1);
  // After the parser an IPv4 address is four decimal parts and nothing else is.
  return /^\d+\.\d+\.\d+\.\d+$/.test(url.hostname) ? url.hostname : undefined;
}

function article(kind: AddressClass): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
