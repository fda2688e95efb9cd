/** Closed ranges of code points. */
export type Ranges = readonly (readonly [number, number])[];

export type Assertion = 'start' | 'end' | 'word' | 'notWord';

/** One state of the automaton. `split` and `assert` are passed without reading; `read` takes one code point. */
export type Step =
  | { kind: 'read'; ranges: Ranges; negated: boolean; next: number }
  | { kind: 'split'; next: number; other: number }
  | { kind: 'assert'; assertion: Assertion; next: number }
  | { kind: 'match' };

/** What a pattern says, before it is laid out as steps. */
export type PatternNode =
  | { kind: 'read'; ranges: Ranges; negated: boolean }
  | { kind: 'assert'; assertion: Assertion }
  | { kind: 'sequence'; parts: readonly PatternNode[] }
  | { kind: 'choice'; parts: readonly PatternNode[] }
  | { kind: 'repeat'; part: PatternNode; least: number; most: number };

/** More steps than this is no pattern for a title. */
const MOST_STEPS = 2_000;

/** @throws RangeError when the pattern, its repeats written out, is too large */
export function programOf(pattern: PatternNode): Step[] {
  const steps: Step[] = [{ kind: 'match' }];
  const add = (step: Step): number => {
    if (steps.length >= MOST_STEPS)
      throw new RangeError(`smaller: with its repeats written out it has more than ${MOST_STEPS} steps`);
    return steps.push(step) - 1;
  };
  // Laid out from the end, so that each part knows where it leads.
  const lay = (node: PatternNode, next: number): number => {
    switch (node.kind) {
      case 'read':
        return add({ ...node, next });
      case 'assert':
        return add({ ...node, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => lay(part, after), next);
      case 'choice':
        return node.parts
          .map((part) => lay(part, next))
          .reduceRight((other, first) => add({ kind: 'split', next: first, other }));
      case 'repeat':
        return repeat(node.part, node.least, node.most, next);
    }
  };
  const repeat = (part: PatternNode, least: number, most: number, next: number): number => {
    let after = next;
    if (most === Infinity) {
      const split = add({ kind: 'split', next, other: next });
      steps[split] = { kind: 'split', next: lay(part, split), other: next };
      after = split;
    } else {
      for (let n = least; n < most; n++) after = add({ kind: 'split', next: lay(part, after), other: next });
    }
    for (let n = 0; n < least; n++) after = lay(part, after);
    return after;
  };
  const start = lay(pattern, 0);
  steps.push({ kind: 'split', next: start, other: start }); // the last step is where it begins
  return steps;
}
