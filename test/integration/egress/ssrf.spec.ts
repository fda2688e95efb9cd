import { Agent, request } from 'undici';
import { isEgressRefused } from '#egress';
import {
  get,
  type Listening,
  openEgress,
  type OpenEgress,
  post,
  receiver,
  ScriptedResolver,
  socketsDuring,
  ssrfLists,
} from './egress.fixture.js';

const PUBLIC = '93.184.216.34';
/** Names of the inside resolve to the inside, all others to the outside: only judging the text and the answer can refuse. */
const ordinary = () => new ScriptedResolver((host) => [host === 'localhost' ? '127.0.0.1' : PUBLIC]);
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const describeWithLists = ssrfLists ? describe : describe.skip;
describeWithLists(`the lists of ssrfcheck${ssrfLists ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`, () => {
  const { refuse, allow_as_url: allow } = ssrfLists ?? { refuse: [], allow_as_url: [] };
  let open: OpenEgress;
  beforeAll(() => (open = openEgress(ordinary())));
  afterAll(() => open.close());

  it('210 hostile inputs are refused by the check and by the request, and open no socket', async () => {
    expect(refuse).toHaveLength(210);
    const sockets = await socketsDuring(async () => {
      for (const url of refuse) {
        for (const refusal of [
          await refusalOf(open.egress.checkUrl(url)),
          await refusalOf(open.egress.request(post(url))),
        ]) {
          expect({ url, refused: isEgressRefused(refusal) }).toEqual({ url, refused: true });
        }
      }
    });
    expect(sockets).toEqual([]);
  });

  it('68 harmless inputs: every public URL passes; one without a scheme or with IPv4 inside IPv6 (except NAT64) is refused', async () => {
    const refused: string[] = [];
    for (const url of allow) if (isEgressRefused(await refusalOf(open.egress.checkUrl(url)))) refused.push(url);
    const byPolicy = allow.filter((url) => !/^https?:\/\//.test(url) || /\[(::|64:ff9b:1::)/.test(url));
    expect(refused).toEqual(byPolicy);
    expect(allow.length - refused.length).toBe(31);
  });
});

describe('names that resolve', () => {
  it.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['172.16.0.1'],
    ['192.168.1.1'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['0.0.0.0'],
    ['224.0.0.1'],
    ['::1'],
    ['fd00::1'],
    ['fe80::1'],
    ['fe80::1%eth0'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::10.0.0.1'],
    ['2002:a00:1::'],
    ['not an address'],
    [''],
  ])('names that resolve to %j are refused, and no socket is opened', async (address) => {
    const { egress, close } = openEgress(new ScriptedResolver(() => [address]));
    const sockets = await socketsDuring(async () => {
      await expect(egress.request(post('https://hooks.example.com/'))).rejects.toMatchObject({
        code: 'EGRESS_ADDRESS_REFUSED',
        errorClass: 'client',
      });
      await expect(egress.checkUrl('https://hooks.example.com/')).rejects.toMatchObject({
        code: 'EGRESS_ADDRESS_REFUSED',
      });
    });
    expect(sockets).toEqual([]);
    await close();
  });

  it('names that resolve to one private address among many public ones are refused', async () => {
    const { egress, close } = openEgress(new ScriptedResolver(() => [PUBLIC, '1.1.1.1', '10.0.0.1']));
    await expect(egress.request(post('https://hooks.example.com/'))).rejects.toMatchObject({
      code: 'EGRESS_ADDRESS_REFUSED',
    });
    await close();
  });

  it('names that resolve to no address, or not at all, can be tried again later', async () => {
    for (const resolver of [
      new ScriptedResolver(() => []),
      new ScriptedResolver(() => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' }))),
    ]) {
      const { egress, close } = openEgress(resolver);
      await expect(egress.request(post('https://hooks.example.com/'))).rejects.toMatchObject({
        code: 'EGRESS_HOST_UNRESOLVED',
        errorClass: 'refused',
      });
      await close();
    }
  });

  it('names that never resolve end with the timeout', async () => {
    const { egress, close } = openEgress(new ScriptedResolver(() => new Promise(() => undefined)));
    await expect(egress.request(post('https://hooks.example.com/', { timeoutMs: 50 }))).rejects.toMatchObject({
      code: 'EGRESS_TIMED_OUT',
    });
    await close();
  });
});

describe('DNS rebinding', () => {
  let inside: Listening;
  let hits: string[];
  beforeAll(
    async () =>
      (inside = await receiver((request, response) => (hits.push(request.headers.host!), response.end('inside')))),
  );
  beforeEach(() => void (hits = []));
  afterAll(() => inside.close());

  it.each<[string, (time: number) => string[]]>([
    ['first outside, then inside', (time) => (time === 1 ? [PUBLIC] : ['127.0.0.1'])],
    ['inside at every second question', (time) => [time % 2 === 1 ? PUBLIC : '127.0.0.1']],
    ['both at once, the inside last', () => [PUBLIC, '127.0.0.1']],
    ['both at once, the inside first', () => ['127.0.0.1', PUBLIC]],
  ])('%s: the name is resolved once per attempt, and no internal address is reached', async (_what, script) => {
    const resolver = new ScriptedResolver((_host, time) => script(time));
    const { egress, close } = openEgress(resolver, {}, { connectTimeoutMs: 50 });
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await egress.request(post(`http://rebind.example:${inside.port}/`, { timeoutMs: 100 })).catch(() => undefined);
      expect(resolver.asked).toHaveLength(attempt);
    }
    expect(hits).toEqual([]);
    await close();
  });

  it('connects to the checked address, under the requested name', async () => {
    const resolver = new ScriptedResolver((_host, time) => (time === 1 ? ['127.0.0.1'] : ['10.255.255.1']));
    const { egress, close } = openEgress(resolver, { EGRESS_ALLOW_HOSTS: '127.0.0.1/32' });
    await expect(egress.request(post(`http://own.example:${inside.port}/`))).resolves.toMatchObject({ status: 200 });
    expect(hits).toEqual([`own.example:${inside.port}`]);
    await expect(egress.request(post(`http://own.example:${inside.port}/`))).rejects.toMatchObject({
      code: 'EGRESS_ADDRESS_REFUSED',
    });
    expect(hits).toHaveLength(1);
    await close();
  });

  it('an IP literal passes a guard that is only in `lookup`, so the text is checked too (negative control)', async () => {
    const guarded = new Agent({
      connect: { lookup: (_host, _options, callback) => callback(new Error('refused'), '', 4) },
    });
    await request(`http://127.0.0.1:${inside.port}/`, { dispatcher: guarded }).then(({ body }) => body.dump());
    expect(hits).toHaveLength(1);
    await expect(request(`http://localhost:${inside.port}/`, { dispatcher: guarded })).rejects.toThrow('refused');
    await guarded.close();
  });
});

describe('redirects', () => {
  let outside: Listening;
  let inside: Listening;
  let insideHits = 0;
  let seen: Record<string, string | undefined>[] = [];
  let open: OpenEgress;
  beforeAll(async () => {
    inside = await receiver((_request, response) => ((insideHits += 1), response.end('secret')));
    outside = await receiver((request, response) => {
      seen.push({
        host: request.headers.host,
        url: request.url,
        authorization: request.headers.authorization,
        accept: request.headers.accept,
      });
      const to = new URL(request.url!, 'http://x').searchParams.get('to');
      if (to === null) response.end('arrived');
      else response.writeHead(Number(request.url!.slice(1, 4)), { location: to }).end();
    });
    open = openEgress(new ScriptedResolver((host) => [host === 'localhost' ? '127.0.0.1' : PUBLIC]));
    open.egress.allow(`127.0.0.1:${outside.port}`);
  });
  beforeEach(() => void ((insideHits = 0), (seen = [])));
  afterAll(async () => {
    await open.close();
    await outside.close();
    await inside.close();
  });
  const via = (to: string, status = 302) => `${outside.url}/${status}?to=${encodeURIComponent(to)}`;

  it.each([
    '',
    'http://localhost:PORT/',
    'http://2130706433:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    '//127.0.0.1:PORT/',
    'http://u:p@127.0.0.1:PORT/',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'http://[',
    'gopher://x/',
  ])('redirects to internal addresses are refused at the hop: %j', async (to) => {
    const target = to === '' ? inside.url : to.replace('PORT', String(inside.port));
    for (const status of [301, 302, 303, 307, 308]) {
      expect(isEgressRefused(await refusalOf(open.egress.request(get(via(target, status)))))).toBe(true);
    }
    expect(insideHits).toBe(0);
  });

  it('a redirect to a second redirect is refused there', async () => {
    await expect(open.egress.request(get(via(via(inside.url))))).rejects.toMatchObject({
      code: 'EGRESS_ADDRESS_REFUSED',
    });
    expect(insideHits).toBe(0);
  });

  it('redirects are followed up to the maximum, relative ones too', async () => {
    await expect(open.egress.request(get(via(via('/there'))))).resolves.toMatchObject({
      status: 200,
      url: `${outside.url}/there`,
    });
    await expect(open.egress.request(get(via(via(via('/there'))), { maxRedirects: 2 }))).rejects.toMatchObject({
      code: 'EGRESS_TOO_MANY_REDIRECTS',
    });
  });

  it('redirects are not followed with a maximum of 0, and never for a POST: the 3xx is the answer', async () => {
    await expect(open.egress.request(get(via('/there'), { maxRedirects: 0 }))).resolves.toMatchObject({ status: 302 });
    await expect(open.egress.request(post(via('/there'), { maxRedirects: 5 }))).resolves.toMatchObject({ status: 302 });
  });

  it('redirects keep credentials within one origin and drop them at the next', async () => {
    const headers = { authorization: 'Bearer x', accept: 'text/xml' };
    await open.egress.request(get(via('/same'), { headers }));
    expect(seen.at(-1)).toMatchObject({ url: '/same', authorization: 'Bearer x', accept: 'text/xml' });
    open.egress.allow(`[::ffff:7f00:1]:${outside.port}`);
    await open.egress.request(get(via(`http://[::ffff:127.0.0.1]:${outside.port}/other`), { headers }));
    expect(seen.at(-1)).toMatchObject({ url: '/other', authorization: undefined, accept: 'text/xml' });
  });
});

describe('the setting EGRESS_ALLOW_HTTP', () => {
  it('EGRESS_ALLOW_HTTP is true by default outside production', async () => {
    const before = process.env['NODE_ENV'];
    try {
      process.env['NODE_ENV'] = 'production';
      const { egress, close } = openEgress(ordinary(), { EGRESS_ALLOW_HTTP: '' });
      await expect(egress.checkUrl('http://example.com/')).rejects.toMatchObject({ code: 'EGRESS_SCHEME_REFUSED' });
      await expect(egress.checkUrl('https://example.com/')).resolves.toBeInstanceOf(URL);
      await close();
    } finally {
      process.env['NODE_ENV'] = before;
    }
  });
});
