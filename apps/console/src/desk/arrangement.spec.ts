import { moved, PANEL_NAMES } from './arrangement.js';

const all = PANEL_NAMES.map((name) => ({ name, wide: false, hidden: false }));
const names = (panels: readonly { name: string }[]) => panels.map(({ name }) => name);

describe('the arrangement of the desk', () => {
  it('a panel takes the place of the one on which it is dropped', () => {
    expect(names(moved(all, 'system', 'alerts')).slice(0, 2)).toEqual(['system', 'alerts']);
    expect(names(moved(all, 'alerts', 'portfolios')).slice(0, 3)).toEqual(['quotes', 'portfolios', 'alerts']);
  });

  it('a text or a file that is dropped on a panel changes nothing', () => {
    expect(moved(all, 'https://example.com', 'alerts')).toBe(all);
  });
});
