import { basePathOf, withoutBase } from './base-path.js';

describe('The base path', () => {
  it.each([
    [undefined, ''],
    ['https://desk.example', ''],
    ['https://desk.example/', ''],
    ['https://host.example/desk', '/desk'],
    ['https://host.example/team/desk//', '/team/desk'],
  ])('of %s is "%s"', (publicUrl, basePath) => {
    expect(basePathOf(publicUrl)).toBe(basePath);
  });

  it.each([
    ['/desk/v1/alerts?limit=1', '/v1/alerts?limit=1'],
    ['/desk/', '/'],
    ['/desk', '/'],
    ['/desk?x=1', '/?x=1'],
    ['/v1/alerts', '/v1/alerts'],
    ['/desks/v1', '/desks/v1'],
    ['/other/desk/v1', '/other/desk/v1'],
  ])('is removed from %s, which leaves %s', (url, left) => {
    expect(withoutBase(url, '/desk')).toBe(left);
  });
});
