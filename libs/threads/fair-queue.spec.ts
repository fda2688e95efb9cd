import { FairQueue } from './fair-queue.js';

describe('a fair queue', () => {
  const drained = (queue: FairQueue<string>): string[] => {
    const items: string[] = [];
    for (let item = queue.next(); item !== undefined; item = queue.next()) items.push(item);
    return items;
  };

  it('the fair queue takes one item per key in rotation, and keeps the order within a key', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'a4']) queue.push('a', item);
    for (const item of ['b1', 'b2']) queue.push('b', item);
    queue.push('c', 'c1');
    expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('the fair queue serves a late key after at most one item of each other key', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3']) queue.push('a', item);
    expect(queue.next()).toBe('a1');
    queue.push('b', 'b1');
    expect(drained(queue)).toEqual(['a2', 'b1', 'a3']);
  });

  it('a fair queue counts its items in total and by key, also after an item was removed', () => {
    const queue = new FairQueue<string>();
    queue.push('a', 'a1');
    queue.push('a', 'a2');
    queue.push('b', 'b1');
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('c')]).toEqual([3, 2, 0]);
    expect([queue.remove('a', 'a1'), queue.remove('a', 'a1'), queue.remove('c', 'c1')]).toEqual([true, false, false]);
    expect([queue.size, queue.sizeOf('a')]).toEqual([2, 1]);
    expect(drained(queue)).toEqual(['a2', 'b1']);
    expect([queue.size, queue.next()]).toEqual([0, undefined]);
  });
});
