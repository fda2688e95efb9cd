import { readFileSync } from 'node:fs';

/** One recorded request and answer of each operation. */
const examples = JSON.parse(readFileSync('apps/api/operations/examples.json', 'utf8')) as Record<
  string,
  { answer?: unknown; answerType?: string }
>;
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d[^"\s,\\]*/g;
const AS_ANSWERED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('times in answers', () => {
  it('every time in the answer of every operation is in UTC with three decimals', () => {
    const times = Object.entries(examples).flatMap(([id, { answer, answerType }]) =>
      answerType?.endsWith('json') ? (JSON.stringify(answer).match(TIME) ?? []).map((time) => [id, time] as const) : [],
    );
    expect(times.length).toBeGreaterThan(200);
    expect(times.filter(([, time]) => !AS_ANSWERED.test(time))).toEqual([]);
  });
});
