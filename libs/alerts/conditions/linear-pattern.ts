import { RE2JS } from 're2js';
import { PatternSyntax } from './pattern-syntax.js';

/**
 * Maximum size of the automaton states that one pattern keeps, in bytes (default of re2js: 8 MiB). A user may write
 * thousands of patterns. A text that needs more states is matched without keeping any: slower, with the same result.
 */
const MAX_STATE_BYTES = 131_072;

/**
 * A regular expression whose time is linear in the text, whatever the pattern: re2js, a port of RE2, follows all ways at
 * once and never backtracks. A user writes the rule and anyone writes the text, and the match runs inside a transaction.
 *
 * CPU time of the worst patterns found, 1,500 to 2,000 steps, 2,000 characters, first test: 0.04 ms a character. The
 * engine of our own that re2js replaced took 0.41 ms. `\bmerg(er|ing)\b`: under 0.1 us a character with both. Compiling
 * takes 0.1 ms for that pattern and 3 to 14 ms for the largest.
 * `RE2JS.programSize()` gives the number of instructions; it is at most 3 above the steps that PatternSyntax counts.
 */
export class LinearPattern {
  private readonly compiled: RE2JS;

  /** @throws SyntaxError with what is allowed, the place and the pattern */
  constructor(source: string, ignoreCase: boolean) {
    this.compiled = RE2JS.compile(new PatternSyntax(source).toRe2(), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    const { dfa } = this.compiled.re2();
    dfa.stateBudget = dfa.memBudget = MAX_STATE_BYTES;
  }

  /** Whether the text has a match anywhere. */
  test(text: string): boolean {
    return this.compiled.test(text);
  }
}
