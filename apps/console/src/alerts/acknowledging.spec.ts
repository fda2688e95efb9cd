import { acknowledgePages } from './acknowledging.js';

const alert = (id: string, acknowledgedAt: string | null = null) => ({ id, acknowledgedAt, acknowledgedBy: null });

describe('acknowledging alerts before the desk answers', () => {
  it('only the chosen alerts change, and an earlier acknowledgement keeps its time', () => {
    const loaded = {
      pages: [{ items: [alert('a'), alert('b', '2026-11-26T10:00:00.000Z')] }, { items: [alert('c')] }],
    };
    const at = new Date('2026-11-26T17:00:00Z');
    const { pages } = acknowledgePages(loaded, new Set(['a', 'b']), { userId: 'u', at });
    expect(pages[0]!.items).toEqual([
      { id: 'a', acknowledgedAt: at.toISOString(), acknowledgedBy: 'u' },
      alert('b', '2026-11-26T10:00:00.000Z'),
    ]);
    expect(pages[1]!.items[0]).toBe(loaded.pages[1]!.items[0]);
    expect(acknowledgePages(loaded, new Set(['b']), { userId: 'u', at })).toBe(loaded);
  });
});
