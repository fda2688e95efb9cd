import { SeenTexts } from './seen-texts.js';

describe('texts seen before', () => {
  it('300,000 similar texts are each recognised once they have been seen', () => {
    const texts = new SeenTexts(16);
    const symbol = (index: number) => `NAME${(index / 100) | 0}26AUG${index % 100}${index % 2 ? 'PE' : 'CE'}`;
    let mistaken = 0;
    for (let index = 0; index < 300_000; index++) if (texts.seen(symbol(index))) mistaken++;
    expect(mistaken).toBe(0);
    for (let index = 0; index < 300_000; index += 1_000) expect(texts.seen(symbol(index))).toBe(true);
    expect(texts.seen('')).toBe(false);
    expect(texts.seen('')).toBe(true);
  });

  it('texts that differ in order or length are distinguished', () => {
    const texts = new SeenTexts();
    expect(['ab', 'ba', 'a', 'aa', 'aaa', '\0', '\0\0'].map((text) => texts.seen(text))).not.toContain(true);
  });
});
