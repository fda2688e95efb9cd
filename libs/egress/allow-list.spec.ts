import { AllowList, isAllowEntry } from './allow-list.js';

function listOf(...entries: string[]): AllowList {
  const list = new AllowList();
  for (const entry of entries) list.add(entry);
  return list;
}

describe('the allow list', () => {
  it.each([
    ['hooks.desk.example', 'https://hooks.desk.example/x', true],
    ['hooks.desk.example', 'https://HOOKS.desk.example:8443/x', true],
    ['hooks.desk.example', 'https://evil.hooks.desk.example/', false],
    ['hooks.desk.example', 'https://hooks.desk.example.evil.example/', false],
    ['hooks.desk.example:8443', 'https://hooks.desk.example:8443/', true],
    ['hooks.desk.example:8443', 'https://hooks.desk.example/', false],
    ['hooks.desk.example:443', 'https://hooks.desk.example/', true],
    ['hooks.desk.example:443', 'http://hooks.desk.example/', false],
    ['127.0.0.1:9000', 'http://127.0.0.1:9000/', true],
    ['127.0.0.1:9000', 'http://127.0.0.1:9001/', false],
    ['127.0.0.1:9000', 'http://2130706433:9000/', true],
    ['::1', 'http://[::1]:9000/', true],
    ['[::1]:9000', 'http://[::1]:9000/', true],
    ['[::1]:9000', 'http://[::1]:9001/', false],
  ])('%s: %s %s', (entry, url, allowed) => {
    expect(listOf(entry).allowsHost(new URL(url))).toBe(allowed);
  });

  it('the allow list allows the addresses of a range, of its own family only', () => {
    const list = listOf('10.2.0.0/16', 'fd12::/32');
    expect(
      ['10.2.0.0', '10.2.255.255', '10.3.0.0', 'fd12::1', 'fd13::1', '::ffff:10.2.0.1', 'nonsense'].map((address) =>
        list.allowsAddress(address),
      ),
    ).toEqual([true, true, false, true, false, false, false]);
  });

  it.each(['', 'http://x', 'a b', 'user@host', 'host/path', 'host?x', 'host:port', 'host:99999', '10.0.0.0/33'])(
    'takes no %j',
    (entry) => {
      expect(isAllowEntry(entry)).toBe(false);
    },
  );

  it('the allow list removes an entry', () => {
    const list = listOf('a.example');
    list.remove('a.example');
    expect(list.allowsHost(new URL('https://a.example'))).toBe(false);
  });
});
