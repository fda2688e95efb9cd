import { basePathOf } from './pages.js';

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
});
