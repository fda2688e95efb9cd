import { AllowList } from './allow-list.js';
import { checkAddress, checkUrlText, type UrlPolicyOptions } from './url-policy.js';

const policy = (options: Partial<UrlPolicyOptions> = {}): UrlPolicyOptions => ({
  allowHttp: true,
  allowPrivate: false,
  allowList: new AllowList(),
  ...options,
});
const withHosts = (...entries: string[]) => {
  const allowList = new AllowList();
  for (const entry of entries) allowList.add(entry);
  return policy({ allowList });
};
function codeOf(work: () => unknown): string {
  try {
    work();
    return 'allowed';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
const check = (url: string, options = policy()) => codeOf(() => checkUrlText(url, options));

describe('a URL, as text', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://017700000001/',
    'http://①②⑦.0.0.1/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://127.0.0.1./',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://0/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://255.255.255.255/',
    'http://[ff02::1]/',
    'http://[fe80::1]/',
  ])('a URL with an internal address is refused in every spelling: %s', (url) => {
    expect(check(url)).toBe('EGRESS_ADDRESS_REFUSED');
  });

  it.each([
    'http://localhost/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://a.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://router.home.arpa/',
  ])('a URL with an internal name is refused before it is resolved: %s', (url) => {
    expect(check(url)).toBe('EGRESS_HOST_REFUSED');
  });

  it.each([
    ['ftp://example.com/', 'EGRESS_SCHEME_REFUSED'],
    ['file:///etc/passwd', 'EGRESS_SCHEME_REFUSED'],
    ['javascript:alert(1)', 'EGRESS_URL_INVALID'],
    ['gopher://example.com/', 'EGRESS_SCHEME_REFUSED'],
    ['data:text/plain,x', 'EGRESS_URL_INVALID'],
    ['https:example.com', 'EGRESS_URL_INVALID'],
    ['example.com', 'EGRESS_URL_INVALID'],
    ['//example.com', 'EGRESS_URL_INVALID'],
    ['', 'EGRESS_URL_INVALID'],
    ['https://', 'EGRESS_URL_INVALID'],
    ['https://./', 'EGRESS_URL_INVALID'],
    ['https://a..b/', 'EGRESS_URL_INVALID'],
    ['https://example.com\\@127.0.0.1/', 'EGRESS_URL_INVALID'],
    ['https://exam\nple.com/', 'EGRESS_URL_INVALID'],
    [`https://${'a'.repeat(64)}.example/`, 'EGRESS_URL_INVALID'],
    [`https://example.com/${'a'.repeat(2_048)}`, 'EGRESS_URL_INVALID'],
    ['https://user@example.com/', 'EGRESS_USERINFO_REFUSED'],
    ['https://user:pw@example.com/', 'EGRESS_USERINFO_REFUSED'],
    ['https://@example.com/', 'EGRESS_USERINFO_REFUSED'],
    ['https://:@example.com/', 'EGRESS_USERINFO_REFUSED'],
    ['https://example.com:22/', 'EGRESS_PORT_REFUSED'],
    ['https://example.com:0/', 'EGRESS_PORT_REFUSED'],
    ['https://example.com:6667/', 'EGRESS_PORT_REFUSED'],
    ['https://example.com:8443/x', 'allowed'],
    ['https://example.com/a@b', 'allowed'],
    ['https://xn--fsqu00a.xn--0zwm56d/', 'allowed'],
    ['https://例子.测试', 'allowed'],
  ])('%s: %s', (url, expected) => {
    expect(check(url)).toBe(expected);
  });

  it('a URL with http: is accepted only where that is allowed', () => {
    expect(check('http://example.com/', policy({ allowHttp: false }))).toBe('EGRESS_SCHEME_REFUSED');
    expect(check('https://example.com/', policy({ allowHttp: false }))).toBe('allowed');
  });
});

describe('a host of the desk', () => {
  it('may have a private address, any port and an internal name', () => {
    const own = withHosts('hooks.desk.internal', '127.0.0.1:25');
    expect(check('http://hooks.desk.internal:81/', own)).toBe('allowed');
    expect(codeOf(() => checkAddress(new URL('http://hooks.desk.internal/'), '10.0.0.7', own))).toBe('allowed');
    expect(check('http://127.0.0.1:25/', own)).toBe('allowed');
    expect(check('http://127.0.0.1:26/', own)).toBe('EGRESS_PORT_REFUSED');
    expect(check('http://127.0.0.1:8080/', own)).toBe('EGRESS_ADDRESS_REFUSED');
  });

  it('a host of the desk cannot resolve to a metadata address unless a range of its own allows it', () => {
    const url = new URL('http://hooks.desk.internal/');
    expect(codeOf(() => checkAddress(url, '169.254.169.254', withHosts('hooks.desk.internal')))).toBe(
      'EGRESS_ADDRESS_REFUSED',
    );
    expect(codeOf(() => checkAddress(url, '169.254.169.254', withHosts('169.254.169.254/32')))).toBe('allowed');
    expect(codeOf(() => checkAddress(url, 'not an address', withHosts('hooks.desk.internal')))).toBe(
      'EGRESS_ADDRESS_REFUSED',
    );
  });

  it('a private address must be in the list, unless EGRESS_ALLOW_PRIVATE allows all but metadata', () => {
    const open = policy({ allowPrivate: true });
    const url = new URL('http://x.example/');
    const answers = [
      '10.0.0.1',
      '127.0.0.1',
      'fd00::1',
      '169.254.169.254',
      '100.100.100.200',
      'fd00:ec2::254',
      '224.0.0.1',
      '::ffff:10.0.0.1',
    ];
    expect(answers.map((address) => codeOf(() => checkAddress(url, address, open)))).toEqual([
      'allowed',
      'allowed',
      'allowed',
      ...Array<string>(5).fill('EGRESS_ADDRESS_REFUSED'),
    ]);
  });
});
