import { parseArgs } from 'node:util';
import { FULL, type LoadSize, SHORT, STEP } from './trading-day.js';

export interface LoadOptionsGiven {
  size: LoadSize;
  processes: number;
  /** Of the ladder of `--capacity`; undefined without it. */
  steps: number | undefined;
  /** Whether times have limits. */
  times: boolean;
  tolerance: number;
  report: string;
  baseline: string | undefined;
}

const numbers = Object.keys(FULL) as (keyof LoadSize)[];
const optionOf = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace('-per-second', '');

/**
 * The options of `npm run loadtest`, read before anything is started.
 * @throws RangeError or the error of `parseArgs`
 */
export function loadOptions(args: string[]): LoadOptionsGiven {
  const { values } = parseArgs({
    args,
    options: {
      ...Object.fromEntries(numbers.map((name) => [optionOf(name), { type: 'string' as const }])),
      ...{ processes: { type: 'string', default: '1' }, tolerance: { type: 'string', default: '0.5' } },
      ...{ report: { type: 'string', default: '.deskwire/loadtest.html' }, baseline: { type: 'string' } },
      ...{ short: { type: 'boolean' }, 'no-times': { type: 'boolean' }, capacity: { type: 'boolean' } },
      steps: { type: 'string', default: '8' },
    },
  });
  const given = values as Readonly<Record<string, unknown>> as Record<string, string | undefined>;
  const size = { ...(values.short ? SHORT : values.capacity ? STEP : FULL) };
  for (const name of numbers) size[name] = positive(optionOf(name), given[optionOf(name)], size[name]);
  return {
    size,
    processes: positive('processes', values.processes, 1),
    steps: values.capacity ? positive('steps', values.steps, 8) : undefined,
    times: !values['no-times'],
    tolerance: positive('tolerance', values.tolerance, 0.5),
    report: values.report,
    baseline: values.baseline,
  };
}

function positive(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${option} takes a number above 0. It was ${text}.`);
  return value;
}
