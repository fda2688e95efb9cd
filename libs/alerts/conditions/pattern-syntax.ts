const SPACE = '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NOT_SPACE =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}' +
  '\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const NOT_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';
const ANY = '\\x{0}-\\x{10ffff}';
/** Escapes that stand for a set of characters, as members of a class in RE2's syntax. */
const SETS = new Map([
  ['d', '\\d'],
  ['D', '\\D'],
  ['w', '\\w'],
  ['W', '\\W'],
  ['s', SPACE],
  ['S', NOT_SPACE],
]);
const CONTROLS = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
]);
const LAST = 0x10ffff;
const MAX_REPEATS = 100;
const MAX_NESTED_REPEATS = 1_000;
const MAX_DEPTH = 20;
const MAX_STEPS = 2_000;

/** A piece of the pattern in RE2's syntax. */
interface Piece {
  re2: string;
  /** Steps it takes with its repeats written out. */
  steps: number;
  /** The largest product of nested repeats in it. */
  repeats: number;
  isAssertion?: boolean;
}

/**
 * Translates the part of JavaScript's regular expressions that a finite automaton can match into RE2's syntax, with
 * JavaScript's meaning: `.` and `\s` are Unicode's, `[]` is empty, `\u0041` is a code point. Groups capture nothing.
 * Back references, look-around, named groups and flags are refused.
 * @throws SyntaxError with the allowed syntax, the position and the pattern
 */
export class PatternSyntax {
  private readonly chars: string[];
  private at = 0;
  private depth = 0;

  constructor(private readonly source: string) {
    this.chars = [...source];
  }

  toRe2(): string {
    const { re2 } = this.choice();
    if (this.at < this.chars.length) this.refuse(`no "${this.chars[this.at]}" here`);
    return re2;
  }

  private choice(): Piece {
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    return parts.length === 1 ? parts[0]! : this.joined(parts, '|', parts.length - 1);
  }

  private sequence(): Piece {
    const parts: Piece[] = [];
    while (this.at < this.chars.length && !'|)'.includes(this.chars[this.at]!)) parts.push(this.repeated());
    return this.joined(parts, '', 0);
  }

  private joined(parts: readonly Piece[], separator: string, more: number): Piece {
    return this.sized({
      re2: parts.map(({ re2 }) => re2).join(separator),
      steps: parts.reduce((sum, { steps }) => sum + steps, more),
      repeats: Math.max(1, ...parts.map(({ repeats }) => repeats)),
    });
  }

  private repeated(): Piece {
    const part = this.atom();
    const [written, least, most] = this.bounds() ?? [];
    if (written === undefined) return part;
    if (part.isAssertion === true) this.refuse('a repeat needs something to repeat');
    this.take('?'); // Lazy or greedy: whether the text matches is the same.
    if (this.at < this.chars.length && '*+?'.includes(this.chars[this.at]!)) this.refuse('one repeat at a time');
    const times = most === Infinity ? Math.max(1, least!) : most!;
    const repeats = part.repeats * Math.max(1, times);
    if (repeats > MAX_NESTED_REPEATS) this.refuse(`nested repeats that multiply to at most ${MAX_NESTED_REPEATS}`);
    const splits = most === Infinity ? 1 : most! - least!;
    return this.sized({ re2: `${part.re2}${written}`, steps: part.steps * times + splits, repeats });
  }

  /** A repeat as RE2 writes it, and its bounds. */
  private bounds(): [written: string, least: number, most: number] | undefined {
    if (this.take('*')) return ['*', 0, Infinity];
    if (this.take('+')) return ['+', 1, Infinity];
    if (this.take('?')) return ['?', 0, 1];
    const counted = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.chars.slice(this.at, this.at + 12).join(''));
    if (counted === null) return undefined;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === undefined ? Infinity : Number(counted[3]);
    if (least > MAX_REPEATS || (most !== Infinity && most > MAX_REPEATS)) this.refuse(`at most ${MAX_REPEATS} repeats`);
    if (most < least) this.refuse('the smaller count first');
    this.at += counted[0].length;
    return [`{${least},${most === Infinity ? '' : most}}`, least, most];
  }

  private atom(): Piece {
    const char = this.chars[this.at++]!;
    switch (char) {
      case '(':
        return this.group();
      case '[':
        return one(this.charClass());
      case '.':
        return one(NOT_LINE_END);
      case '^':
      case '$':
        return { ...one(char), isAssertion: true };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        return this.refuse('a repeat needs something to repeat');
      default:
        return one(literal(char.codePointAt(0)!));
    }
  }

  private group(): Piece {
    if (++this.depth > MAX_DEPTH) this.refuse(`at most ${MAX_DEPTH} groups in one another`);
    if (this.take('?') && !this.take(':')) this.refuse('no look-around, named groups or flags; (?:...) groups');
    const inner = this.choice();
    if (!this.take(')')) this.refuse('a ")" for each "("');
    this.depth--;
    return { ...inner, re2: `(?:${inner.re2})` };
  }

  private escape(): Piece {
    if (this.take('b')) return { ...one('\\b'), isAssertion: true };
    if (this.take('B')) return { ...one('\\B'), isAssertion: true };
    const item = this.escapedItem();
    return one(typeof item === 'number' ? literal(item) : `[${item}]`);
  }

  /** After a backslash: members of a class for a set such as \d, or one code point. */
  private escapedItem(): string | number {
    const char = this.chars[this.at++];
    if (char === undefined) return this.refuse('something after the last "\\"');
    const set = SETS.get(char);
    if (set !== undefined) return set;
    if (/[1-9k]/.test(char)) return this.refuse('no back references');
    if (char === 'u' || char === 'x') return this.codePoint(char);
    const control = CONTROLS.get(char);
    if (control === undefined && /[A-Za-z0]/.test(char)) this.refuse(`no \\${char}`);
    return control ?? char.codePointAt(0)!;
  }

  private codePoint(kind: 'u' | 'x'): number {
    const rest = this.chars.slice(this.at, this.at + 10).join('');
    const match = (kind === 'x' ? /^([\da-f]{2})/i : /^([\da-f]{4})|^\{([\da-f]{1,6})\}/i).exec(rest);
    const code = match === null ? NaN : Number.parseInt(match[1] ?? match[2]!, 16);
    if (!(code <= LAST)) this.refuse(`a code point such as \\u0041 or \\u{1f600} after \\${kind}`);
    this.at += match![0].length;
    return code;
  }

  private charClass(): string {
    const negated = this.take('^');
    let members = '';
    while (!this.take(']')) {
      const low = this.classItem();
      if (typeof low === 'string') members += low;
      else if (this.chars[this.at] !== '-' || this.chars[this.at + 1] === ']') members += literal(low);
      else {
        this.at++;
        const high = this.classItem();
        if (typeof high === 'string' || high < low) this.refuse('a range from the lower character to the higher');
        members += `${literal(low)}-${literal(high)}`;
      }
    }
    if (members === '') return negated ? `[${ANY}]` : `[^${ANY}]`;
    return `[${negated ? '^' : ''}${members}]`;
  }

  private classItem(): string | number {
    if (!this.take('\\')) return this.chars[this.at++]?.codePointAt(0) ?? this.refuse('a "]" for each "["');
    return this.take('b') ? 8 : this.escapedItem();
  }

  private take(char: string): boolean {
    if (this.chars[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private sized(piece: Piece): Piece {
    if (piece.steps > MAX_STEPS)
      this.refuse(`at most ${MAX_STEPS} steps with repeats written out, this has ${piece.steps}`);
    return piece;
  }

  private refuse(allowed: string): never {
    const at = Math.min(this.at, this.chars.length);
    throw new SyntaxError(`${allowed} (at character ${at} of ${JSON.stringify(this.source)})`);
  }
}

const one = (re2: string): Piece => ({ re2, steps: 1, repeats: 1 });

/** A code point in RE2's syntax, safe inside and outside of a class. */
function literal(code: number): string {
  const char = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(char) ? char : `\\x{${code.toString(16)}}`;
}
