import { withoutBase } from './base-path.js';

describe('The base path', () => {
  it.each([
    ['/desk/v1/alerts?limit=1', '/v1/alerts?limit=1'],
    ['/desk/', '/'],
    ['/desk', '/'],
    ['/desk?x=1', '/?x=1'],
    ['/v1/alerts', '/v1/alerts'],
    ['/desks/v1', '/desks/v1'],
    ['/other/desk/v1', '/other/desk/v1'],
  ])('The base path is removed from %s, which leaves %s', (url, left) => {
    expect(withoutBase(url, '/desk')).toBe(left);
  });
});
