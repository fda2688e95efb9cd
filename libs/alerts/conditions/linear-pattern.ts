import { PatternParser, WORD } from './pattern-parser.js';
import { type Assertion, programOf, type Ranges, type Step } from './pattern-program.js';

/** What stood before, or stands next: what `^ $ \b` ask. */
type Neighbour = 'edge' | 'word' | 'other';

/** A set of steps with what was read last; what it becomes by each code point, once that was asked. */
interface State {
  readonly steps: readonly number[];
  readonly before: Neighbour;
  readonly next: Map<number, State | true>;
  atEnd?: boolean;
}

/** States are made as texts need them; past this many the store starts anew, so that memory is bounded. */
const MOST_STATES = 500;
const MOST_MOVES = 20_000;

/**
 * A regular expression whose time is linear in the text, whatever the pattern: an automaton that follows all ways at once
 * and never goes back (Thompson 1968; Cox, "Regular Expression Matching Can Be Simple And Fast"). A rule is written by a
 * user and runs on text from anyone, inside a transaction: `(a+)+$` must not be able to stop the desk.
 */
export class LinearPattern {
  private readonly program: readonly Step[];
  private readonly ignoreCase: boolean;
  private states = new Map<string, State>();
  private moves = 0;
  private initial: State;

  /** @throws SyntaxError, RangeError saying what is allowed */
  constructor(source: string, ignoreCase: boolean) {
    this.program = programOf(new PatternParser(source).parse());
    this.ignoreCase = ignoreCase;
    this.initial = this.state([this.program.length - 1], 'edge');
  }

  /** Whether the text has a match anywhere. */
  test(text: string): boolean {
    if (this.states.size > MOST_STATES || this.moves > MOST_MOVES) this.forget();
    let state = this.initial;
    for (let at = 0; at < text.length;) {
      const code = text.codePointAt(at)!;
      at += code > 0xffff ? 2 : 1;
      const next = state.next.get(code) ?? this.move(state, code);
      if (next === true) return true;
      state = next;
    }
    return (state.atEnd ??= this.closure(state, 'edge').has(0));
  }

  private move(state: State, code: number): State | true {
    const kind: Neighbour = within(WORD, code) ? 'word' : 'other';
    const open = this.closure(state, kind);
    let next: State | true = true;
    if (!open.has(0)) {
      const reached = new Set([this.program.length - 1]); // a match may begin at each character
      for (const at of open) {
        const step = this.program[at]!;
        if (step.kind === 'read' && this.reads(step.ranges, step.negated, code)) reached.add(step.next);
      }
      next = this.state(
        [...reached].sort((a, b) => a - b),
        kind,
      );
    }
    state.next.set(code, next);
    this.moves++;
    return next;
  }

  private reads(ranges: Ranges, negated: boolean, code: number): boolean {
    return this.cases(code).some((each) => within(ranges, each)) !== negated;
  }

  private cases(code: number): number[] {
    if (!this.ignoreCase) return [code];
    const char = String.fromCodePoint(code);
    return [code, char.toLowerCase().codePointAt(0)!, char.toUpperCase().codePointAt(0)!];
  }

  /** All steps reached without reading, between what was read last and what comes next. Step 0 is the match. */
  private closure({ steps, before }: State, after: Neighbour): Set<number> {
    const seen = new Set<number>();
    const todo = [...steps];
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const step = this.program[at]!;
      if (step.kind === 'split') todo.push(step.next, step.other);
      else if (step.kind === 'assert' && holds(step.assertion, before, after)) todo.push(step.next);
    }
    return seen;
  }

  private state(steps: readonly number[], before: Neighbour): State {
    const key = `${before}${steps.join(',')}`;
    let state = this.states.get(key);
    if (state === undefined) this.states.set(key, (state = { steps, before, next: new Map() }));
    return state;
  }

  private forget(): void {
    this.states = new Map();
    this.moves = 0;
    this.initial = this.state([this.program.length - 1], 'edge');
  }
}

function holds(assertion: Assertion, before: Neighbour, after: Neighbour): boolean {
  switch (assertion) {
    case 'start':
      return before === 'edge';
    case 'end':
      return after === 'edge';
    case 'word':
      return (before === 'word') !== (after === 'word');
    case 'notWord':
      return (before === 'word') === (after === 'word');
  }
}

function within(ranges: Ranges, code: number): boolean {
  for (const [low, high] of ranges) if (code >= low && code <= high) return true;
  return false;
}
