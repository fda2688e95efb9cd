import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../setup/redis-server.js';
import { createEmptyDatabase } from '../setup/test-database.js';
import { climb, measureCost } from './capacity.js';
import { capacityTables } from './capacity-tables.js';
import type { LoadReport } from './load-report.js';
import { type LoadOptions, runLoadTest } from './load-test.js';
import { reportPage } from './report-page.js';
import { correctness, regressions, timeliness, type Verdict } from './thresholds.js';
import { FULL, type LoadSize, SHORT, STEP } from './trading-day.js';

const numbers = Object.keys(FULL) as (keyof LoadSize)[];
const optionOf = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace('-per-second', '');

/** Runs `npm run loadtest`. @returns whether every threshold held */
export async function loadTestCommand(args: string[], say: (line: string) => void): Promise<boolean> {
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
  const base = values.short ? SHORT : values.capacity ? STEP : FULL;
  const size = { ...base };
  for (const name of numbers) size[name] = positive(optionOf(name), given[optionOf(name)], base[name]);
  const processes = positive('processes', values.processes, 1);
  if (values.capacity) return printCapacity(size, positive('steps', values.steps, 8), say);
  const report = await onDesk(processes, (desk) => runLoadTest({ ...desk, size, processes, say }));
  const verdicts = [...correctness(report), ...(values['no-times'] ? [] : timeliness(report))];
  if (values.baseline !== undefined)
    verdicts.push(...withBaseline(report, values.baseline, positive('tolerance', values.tolerance, 0.5), say));
  mkdirSync(dirname(values.report), { recursive: true });
  writeFileSync(values.report, reportPage(report, verdicts));
  for (const { what, seen, limit, unit } of verdicts.filter(({ pass }) => !pass))
    say(`FAILED ${what}: ${seen} ${unit} (at most ${limit})`);
  const passed = verdicts.every(({ pass }) => pass);
  say(`${verdicts.filter(({ pass }) => pass).length} of ${verdicts.length} thresholds held. Report: ${values.report}`);
  return passed;
}

/** Compares with the baseline, or saves this report as one if there is none. */
export function withBaseline(
  report: LoadReport,
  file: string,
  tolerance: number,
  say: (line: string) => void,
): Verdict[] {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
    say(`Saved the baseline ${file}`);
    return [];
  }
  return regressions(report, JSON.parse(readFileSync(file, 'utf8')) as LoadReport, tolerance);
}

async function printCapacity(size: LoadSize, steps: number, say: (line: string) => void): Promise<boolean> {
  const ladder = await onDesk(1, (desk) => climb({ ...desk, size, processes: 1, say }, steps));
  const cost = (processes: number) => onDesk(processes, (desk) => measureCost({ ...desk, size, processes, say }));
  const [one, two] = [await cost(1), await cost(2)];
  say(capacityTables(ladder, [one, two]));
  return ladder.every(({ failures }) => failures === 0);
}

/** Makes a database, and a Redis for more than one process. */
async function onDesk<T>(
  processes: number,
  work: (desk: Pick<LoadOptions, 'databaseUrl' | 'redisUrl'>) => Promise<T>,
): Promise<T> {
  const database = await createEmptyDatabase();
  const redis = processes > 1 ? await RedisServer.start() : undefined;
  try {
    return await work({ databaseUrl: database.url, ...(redis && { redisUrl: redis.url }) });
  } finally {
    await redis?.stop();
    await database.drop();
  }
}

function positive(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${option} takes a number above 0. It was ${text}.`);
  return value;
}
