import { z } from 'zod';
import { pageFrom, pageQuery } from './page.js';

const rows = ['a', 'b', 'c'].map((id) => ({ id, at: 1 }));
const byId = (row: { id: string }) => row.id;
const query = z.strictObject(pageQuery(z.string().max(3)));
const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('A page', () => {
  it('A page ends with a cursor when a row is left over, and its cursor reads back as the key of its last row', () => {
    const page = pageFrom(rows, 2, byId);
    expect(page.items).toEqual(rows.slice(0, 2));
    expect(query.parse({ cursor: page.nextCursor }).cursor).toBe('b');
  });

  it('A page has no cursor when no row is left over', () => {
    expect(pageFrom(rows, 3, byId)).toEqual({ items: rows, nextCursor: null });
    expect(pageFrom([], 3, byId)).toEqual({ items: [], nextCursor: null });
  });

  it('a page shows the view of each row and supports keys of several parts', () => {
    const page = pageFrom(rows, 1, ({ id, at }) => [id, String(at)], byId);
    expect(page.items).toEqual(['a']);
    const pairs = z.strictObject(pageQuery(z.tuple([z.string(), z.string()])));
    expect(pairs.parse({ cursor: page.nextCursor }).cursor).toEqual(['a', '1']);
  });
});

describe('A cursor', () => {
  it.each([
    ['empty', ''],
    ['not base64url', 'a=b'],
    ['base64url with a character too many', `${cursorOf('a')}!`],
    ['not JSON', Buffer.from('{').toString('base64url')],
    ['of another shape', cursorOf({ id: 'a' })],
    ['of a value that the key refuses', cursorOf('abcd')],
    ['too long', cursorOf('a'.repeat(10_000))],
    ['given twice', [cursorOf('a'), cursorOf('b')]],
    ['no text', 7],
  ])('a cursor that is %s is refused with the same text', (_what, cursor) => {
    const { error } = query.safeParse({ cursor });
    expect(error?.issues).toMatchObject([{ path: ['cursor'], message: 'the nextCursor of a page of the same list' }]);
  });
});
