import { holdsCredential, secretNameOf, secretParametersOf, sendsCredential } from './source-credentials.js';

describe('credentials of a feed', () => {
  it.each([
    ['Authorization', 'Bearer abc'],
    ['Authorization', 'secret:Bearer abc def'],
    ['X-Session-Id', 'abc'],
    ['X-Pass', 'abc'],
    ['X-Credential', 'abc'],
    ['X-Wire', 'Basic dXNlcjpwYXNz'],
    ['X-Wire', 'secret:not a name'],
  ])('%s: %s holds a credential', (name, value) => {
    expect([holdsCredential(name, value), sendsCredential(name, value)]).toEqual([true, true]);
  });

  it('a header that refers to a secret sends one and holds none', () => {
    expect(secretNameOf('secret:wire.key-1')).toBe('wire.key-1');
    expect(holdsCredential('Authorization', 'secret:wire.key-1')).toBe(false);
    expect(sendsCredential('X-Wire', 'secret:wire.key-1')).toBe(true);
  });

  it.each([
    ['Accept', 'application/xml'],
    ['User-Agent', 'Desk desk@example.com'],
    ['X-Wire', 'token'],
  ])('%s: %s sends none', (name, value) => {
    expect(sendsCredential(name, value)).toBe(false);
  });

  it('parameters of a URL that hold credentials are found by their names', () => {
    const url =
      'https://wire.example/rss?page=2&key=a&auth=b&sig=c&client_secret=d&session=e&X-Amz-Signature=f&keys=A,B';
    expect(secretParametersOf(url)).toEqual(['key', 'auth', 'sig', 'client_secret', 'session', 'X-Amz-Signature']);
    expect(secretParametersOf('no url')).toEqual([]);
  });
});
