import { readFileSync } from 'node:fs';
import { hrefOf, OPENED } from './href-of.js';

describe('the address of a thing', () => {
  it.each(Object.entries(OPENED))('the page %s reads the parameter %s that links to its things have', (page, name) => {
    const source = readFileSync(`apps/console/src/${page}/${page}-page.tsx`, 'utf8');
    expect(source).toMatch(new RegExp(`useUrlState(<string>)?\\('${name}', ''\\)`));
  });

  it('an id with other letters than an address allows arrives as it is', () => {
    expect(hrefOf('portfolios', 'a&b')).toBe('/portfolios?portfolio=a%26b');
  });
});
