import { cleanLine, cleanText, visibleText } from './clean-text.js';

describe('clean text', () => {
  it('has no control characters, no half of a surrogate pair and one kind of line end', () => {
    expect(cleanText('a\u0000b\u001b[31m\r\nc\rd\ud800')).toBe('ab[31m\nc\nd\ufffd');
  });
});

describe('a clean line', () => {
  it('has no line ends and single spaces', () => {
    expect(cleanLine(' Subject:\r\nBcc: x\u2028y\t z ')).toBe('Subject: Bcc: x y z');
    expect(cleanLine('a\u0085b\u00a0 c\u3000d  e f\n')).toBe('a b c d e f');
  });

  it('loses control characters without a gap', () => {
    expect(cleanLine('a\u0000b \u0008 c\u009f\ud800')).toBe('ab c\ufffd');
  });
});

describe('visible text', () => {
  it('has no characters that a reader cannot see', () => {
    expect(visibleText('a\u202eb\u200bc\u00add\ufeff\u2066e\u2069\u0007\n f')).toBe('abcde\n f');
    expect(visibleText('a\u2028b\u2029c\r\nd')).toBe('a\nb\nc\nd');
  });
});
