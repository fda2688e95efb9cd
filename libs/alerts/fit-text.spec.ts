import { cleanLine, cleanText, fitEscaped, fitText } from './fit-text.js';
import { slackText } from './messages/mentions.js';

const FAMILY = '👩‍👩‍👧‍👦'; // one grapheme, 11 code units
const ACCENTED = 'e\u0301';

describe('text that must fit', () => {
  it('stays as it is at the limit, and past it ends in an ellipsis within it', () => {
    expect(fitText('a'.repeat(10), 10)).toBe('a'.repeat(10));
    expect(fitText('a'.repeat(11), 10)).toBe(`${'a'.repeat(9)}…`);
    expect(fitText('abc', 1)).toBe('…');
    expect(fitText('abc', 0)).toBe('');
  });

  it('is cut between graphemes only', () => {
    expect(fitText(`ab${FAMILY}${FAMILY}`, 24)).toBe(`ab${FAMILY}${FAMILY}`);
    expect(fitText(`ab${FAMILY}${FAMILY}`, 23)).toBe(`ab${FAMILY}…`);
    expect(fitText(`ab${FAMILY}${FAMILY}`, 13)).toBe('ab…');
    expect(fitText(ACCENTED.repeat(5), 8)).toBe(`${ACCENTED.repeat(3)}…`);
    expect(fitText('🇮🇳🇩🇪🇫🇷', 10)).toBe('🇮🇳🇩🇪…');
  });

  it('of one grapheme longer than the limit is cut between code points', () => {
    const zalgo = `e${'\u0301'.repeat(100)}`;
    expect(fitText(zalgo, 10)).toHaveLength(10);
    expect(fitText('🚀'.repeat(1) + '\u200d🚀'.repeat(20), 6).isWellFormed()).toBe(true);
  });

  it('is never cut inside an escape', () => {
    expect(fitEscaped('&'.repeat(30), 150, slackText)).toBe('&amp;'.repeat(30));
    expect(fitEscaped('&'.repeat(31), 150, slackText)).toBe(`${'&amp;'.repeat(29)}…`);
    for (let max = 1; max < 40; max++) {
      const fitted = fitEscaped(`<${FAMILY}>&`.repeat(5), max, slackText);
      expect(fitted.length).toBeLessThanOrEqual(max);
      expect(fitted.replace(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
    }
  });

  it('has no control characters, no half of a surrogate pair, and one kind of line end', () => {
    expect(cleanText('a\u0000b\u001b[31m\r\nc\rd\ud800')).toBe('ab[31m\nc\nd\ufffd');
    expect(cleanLine(' Subject:\r\nBcc: x\u2028y\t z ')).toBe('Subject: Bcc: x y z');
  });
});
