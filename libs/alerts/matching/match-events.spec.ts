import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import type { Condition } from '../conditions/condition.js';
import type { AlertEvent } from '../conditions/event-view.js';
import matchEvents, { type MatchCall, type MatchResult } from './match-events.js';

const event = (title: string): AlertEvent => ({
  ...{ id: '0198b5f5-bf7b-7000-8000-000000000001', type: 'NewsPublished', broker: null, userId: null },
  ...{ instrumentId: null, correlationId: null, payload: { title }, occurredAt: new Date(0) },
});
const pattern = (value: string): Condition => ({ op: 'matches', field: 'payload.title', value });
const LIMITS = { ruleMs: 1e6, ownerMs: 1e6, sliceMs: 1e6 };
let handle = 1_000;

/** Runs until the end. Each condition has a handle of its own; units are `[event, ...indexes of conditions]`. */
function run(titles: string[], conditions: Condition[], units: number[][], limits: Partial<MatchCall['limits']> = {}) {
  const handles = conditions.map(() => ++handle);
  const call: MatchCall = {
    events: titles.map(event),
    units: Uint32Array.from(units.flatMap(([of, ...rules]) => [of!, rules.length, ...rules])),
    handles,
    ...{ from: 0, rules: new Map(), windows: [], limits: { ...LIMITS, ...limits }, progress: new Int32Array(2) },
  };
  const answers: MatchResult[] = [];
  while (call.from < call.units.length) {
    const answer = matchEvents(call);
    if ('missing' in answer) {
      call.rules = new Map(answer.missing.map((missing) => [handles[missing]!, conditions[missing]!]));
      continue;
    }
    answers.push(answer);
    call.from = answer.next;
  }
  const matches = answers.flatMap((answer) => answer.matches);
  return {
    slices: answers.length,
    matches: matches.flatMap((of, at) => (at % 2 === 0 ? [[of, matches[at + 1]]] : [])),
    overruns: answers.flatMap(({ overruns }) => overruns.map((each) => [each.event, each.rule])),
    failures: answers.flatMap(({ failures }) => failures.map(({ message }) => message)),
  };
}

describe('matching events in a thread', () => {
  it('match-events requests missing conditions once and tests each unit', () => {
    const conditions = [pattern('merger'), pattern('^A'), { op: 'exists', field: 'payload.title' } as Condition];
    expect(
      run(['A merger', 'Beats'], conditions, [
        [0, 0, 1, 2],
        [1, 0, 2],
      ]),
    ).toEqual({
      ...{
        slices: 1,
        matches: [
          [0, 0],
          [0, 1],
          [0, 2],
          [1, 2],
        ],
      },
      ...{ overruns: [], failures: [] },
    });
  });

  it('a slice ends after its time, and the next one continues there', () => {
    const units = [
      [0, 0],
      [1, 0],
      [2, 0],
    ];
    expect(run(['a', 'b', 'a'], [pattern('a')], units, { sliceMs: 0 })).toMatchObject({
      ...{
        slices: 3,
        matches: [
          [0, 0],
          [2, 0],
        ],
      },
    });
  });

  it('the time of a rule is checked between its patterns and texts, for each event', () => {
    const many: Condition = { any: Array.from({ length: 20 }, (_, n) => pattern(`[ab]{0,${90 + (n % 10)}}x${n}`)) };
    const units = [
      [0, 0],
      [1, 0],
    ];
    const found = run(['ab'.repeat(1_000), 'ba'.repeat(1_000)], [many], units, { ruleMs: 0.01 });
    expect(found).toMatchObject({
      matches: [],
      overruns: [
        [0, 0],
        [1, 0],
      ],
    });
  });

  it('a pattern reads the first 2,048 characters of a text', () => {
    const found = run(
      [`${'a'.repeat(2_047)}x`, `${'a'.repeat(2_048)}x`],
      [pattern('x')],
      [
        [0, 0],
        [1, 0],
      ],
    );
    expect(found.matches).toEqual([[0, 0]]);
  });

  it('a stored pattern that does not compile is reported, and the other rules are tested', () => {
    expect(run(['a'], [pattern('(?=a)'), pattern('a')], [[0, 0, 1]])).toMatchObject({
      ...{ matches: [[0, 1]], failures: [expect.stringContaining('no look-around')] },
    });
  });

  it('loads re2js and zod into a thread, and no framework', async () => {
    const thread = new Worker(new URL(import.meta.resolve('./match-events.js')), {
      execArgv: [...process.execArgv, '--import', import.meta.resolve('../../../test/setup/loaded-packages.mjs')],
      stderr: true,
    });
    const printed = text(thread.stderr);
    await once(thread, 'exit');
    expect(JSON.parse(await printed).packages).toEqual(['re2js', 'zod']);
  });
});
