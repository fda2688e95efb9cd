import { fitEscaped, fitText } from './fit-text.js';

const FAMILY = '👩‍👩‍👧‍👦'; // one grapheme, 11 code units
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const ACCENTED = 'e\u0301';

describe('fitting text', () => {
  it('fitting text keeps text at the limit, and ends longer text in an ellipsis within the limit', () => {
    expect(fitText('a'.repeat(10), 10)).toBe('a'.repeat(10));
    expect(fitText('a'.repeat(11), 10)).toBe(`${'a'.repeat(9)}…`);
    expect(fitText('abc', 1)).toBe('…');
    expect(fitText('abc', 0)).toBe('');
  });

  it('fitting text cuts between graphemes', () => {
    expect(fitText(`ab${FAMILY}${FAMILY}`, 24)).toBe(`ab${FAMILY}${FAMILY}`);
    expect(fitText(`ab${FAMILY}${FAMILY}`, 23)).toBe(`ab${FAMILY}…`);
    expect(fitText(`ab${FAMILY}${FAMILY}`, 13)).toBe('ab…');
    expect(fitText(ACCENTED.repeat(5), 8)).toBe(`${ACCENTED.repeat(3)}…`);
    expect(fitText('🇮🇳🇩🇪🇫🇷', 10)).toBe('🇮🇳🇩🇪…');
  });

  it('fitting text cuts one grapheme longer than the limit between code points', () => {
    const zalgo = `e${'\u0301'.repeat(100)}`;
    expect(fitText(zalgo, 10)).toHaveLength(10);
    expect(fitText('🚀'.repeat(1) + '\u200d🚀'.repeat(20), 6).isWellFormed()).toBe(true);
  });

  it('fitting text never cuts inside an escape', () => {
    expect(fitEscaped('&'.repeat(30), 150, escaped)).toBe('&amp;'.repeat(30));
    expect(fitEscaped('&'.repeat(31), 150, escaped)).toBe(`${'&amp;'.repeat(29)}…`);
    for (let max = 1; max < 40; max++) {
      const fitted = fitEscaped(`<${FAMILY}>&`.repeat(5), max, escaped);
      expect(fitted.length).toBeLessThanOrEqual(max);
      expect(fitted.replace(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
    }
  });

  it('fitting text cuts a text of any length at the place where it cuts a short one', () => {
    for (let max = 2; max < 60; max++) {
      const start = `ab${FAMILY}🇮🇳🇩🇪${ACCENTED}क्षि`.repeat(4);
      expect(fitText(start + 'x'.repeat(50_000), max)).toBe(fitText(start, max));
    }
  });
});
