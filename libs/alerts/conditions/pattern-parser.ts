import type { PatternNode, Ranges } from './pattern-program.js';

const DIGIT: Ranges = [[48, 57]];
export const WORD: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Ranges = [
  [9, 13],
  [32, 32],
  [160, 160],
  [5760, 5760],
  [8192, 8202],
  [8232, 8233],
  [8239, 8239],
  [8287, 8287],
  [12288, 12288],
  [65279, 65279],
];
const LINE_ENDS: Ranges = [
  [10, 10],
  [13, 13],
  [8232, 8233],
];
const LAST = 0x10ffff;
const ESCAPED = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
]);
const MOST_REPEATS = 100;
const DEEPEST = 20;

/**
 * Reads the part of JavaScript's regular expressions that a finite automaton can match: characters, classes, groups,
 * alternatives, repeats, `^ $ \b \B`. Back references and look-around have no automaton and are refused.
 * @throws SyntaxError saying what is not understood and where
 */
export class PatternParser {
  private readonly chars: string[];
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.chars = [...text];
  }

  parse(): PatternNode {
    const node = this.choice();
    if (this.at < this.chars.length) this.refuse(`no "${this.chars[this.at]}" here`);
    return node;
  }

  private choice(): PatternNode {
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.at < this.chars.length && !'|)'.includes(this.chars[this.at]!)) parts.push(this.repeated());
    return { kind: 'sequence', parts };
  }

  private repeated(): PatternNode {
    const part = this.atom();
    const repeat = this.bounds();
    if (repeat === undefined) return part;
    if (part.kind === 'assert') this.refuse('a repeat needs something to repeat');
    this.take('?'); // lazy or greedy: whether it matches is the same
    if (this.at < this.chars.length && '*+?'.includes(this.chars[this.at]!)) this.refuse('one repeat at a time');
    return { kind: 'repeat', part, ...repeat };
  }

  private bounds(): { least: number; most: number } | undefined {
    if (this.take('*')) return { least: 0, most: Infinity };
    if (this.take('+')) return { least: 1, most: Infinity };
    if (this.take('?')) return { least: 0, most: 1 };
    const counted = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.chars.slice(this.at, this.at + 12).join(''));
    if (counted === null) return undefined;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === undefined ? Infinity : Number(counted[3]);
    if (least > MOST_REPEATS || (most !== Infinity && most > MOST_REPEATS))
      this.refuse(`at most ${MOST_REPEATS} repeats`);
    if (most < least) this.refuse('the smaller count first');
    this.at += counted[0].length;
    return { least, most };
  }

  private atom(): PatternNode {
    const char = this.chars[this.at++]!;
    switch (char) {
      case '(':
        return this.group();
      case '[':
        return this.charClass();
      case '.':
        return { kind: 'read', ranges: LINE_ENDS, negated: true };
      case '^':
        return { kind: 'assert', assertion: 'start' };
      case '$':
        return { kind: 'assert', assertion: 'end' };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        return this.refuse('a repeat needs something to repeat');
      default:
        return literal(char.codePointAt(0)!);
    }
  }

  private group(): PatternNode {
    if (++this.depth > DEEPEST) this.refuse(`at most ${DEEPEST} groups in one another`);
    if (this.take('?') && !this.take(':')) this.refuse('no look-around and no named groups; (?:...) groups');
    const inner = this.choice();
    if (!this.take(')')) this.refuse('a ")" for each "("');
    this.depth--;
    return inner;
  }

  private escape(): PatternNode {
    const char = this.chars[this.at];
    if (char === 'b' || char === 'B') {
      this.at++;
      return { kind: 'assert', assertion: char === 'b' ? 'word' : 'notWord' };
    }
    const { ranges, negated } = this.escapedSet();
    return { kind: 'read', ranges, negated };
  }

  /** After a backslash: a class such as \d, or one character. */
  private escapedSet(): { ranges: Ranges; negated: boolean } {
    const char = this.chars[this.at++];
    if (char === undefined) return this.refuse('something after the last "\\"');
    const set = { d: DIGIT, w: WORD, s: SPACE }[char.toLowerCase()];
    if (set !== undefined) return { ranges: set, negated: char !== char.toLowerCase() };
    if (/[1-9k]/.test(char)) return this.refuse('no back references');
    if (char === 'u' || char === 'x') return { ranges: one(this.hex(char)), negated: false };
    const known = ESCAPED.get(char);
    if (known === undefined && /[A-Za-z0]/.test(char)) this.refuse(`no \\${char}`);
    return { ranges: one(known ?? char.codePointAt(0)!), negated: false };
  }

  private hex(kind: 'u' | 'x'): number {
    const rest = this.chars.slice(this.at, this.at + 10).join('');
    const match = (kind === 'x' ? /^([\da-f]{2})/i : /^([\da-f]{4})|^\{([\da-f]{1,6})\}/i).exec(rest);
    const code = match === null ? NaN : Number.parseInt(match[1] ?? match[2]!, 16);
    if (!(code <= LAST)) this.refuse(`a code point such as \\u0041 or \\u{1f600} after \\${kind}`);
    this.at += match![0].length;
    return code;
  }

  private charClass(): PatternNode {
    const negated = this.take('^');
    const ranges: [number, number][] = [];
    for (;;) {
      const char = this.chars[this.at];
      if (char === undefined) this.refuse('a "]" for each "["');
      if (this.take(']')) return { kind: 'read', ranges, negated };
      const low = this.classItem();
      if (
        low.length !== 1 ||
        low[0]![0] !== low[0]![1] ||
        this.chars[this.at] !== '-' ||
        this.chars[this.at + 1] === ']'
      ) {
        ranges.push(...low.map(([from, to]): [number, number] => [from, to]));
        continue;
      }
      this.at++;
      const high = this.classItem();
      if (high.length !== 1 || high[0]![0] < low[0]![0]) this.refuse('a range from the lower character to the higher');
      ranges.push([low[0]![0], high[0]![1]]);
    }
  }

  private classItem(): Ranges {
    if (!this.take('\\')) return one(this.chars[this.at++]?.codePointAt(0) ?? this.refuse('a "]" for each "["'));
    if (this.take('b')) return one(8);
    const { ranges, negated } = this.escapedSet();
    return negated ? inverse(ranges) : ranges;
  }

  private take(char: string): boolean {
    if (this.chars[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private refuse(allowed: string): never {
    throw new SyntaxError(`${allowed} (at character ${Math.min(this.at, this.chars.length)})`);
  }
}

const one = (code: number): Ranges => [[code, code]];
const literal = (code: number): PatternNode => ({ kind: 'read', ranges: one(code), negated: false });

function inverse(ranges: Ranges): Ranges {
  const gaps: [number, number][] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  if (from <= LAST) gaps.push([from, LAST]);
  return gaps;
}
