import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { RedisServer } from '../setup/redis-server.js';
import { createEmptyDatabase } from '../setup/test-database.js';
import { climb, measureCost } from './capacity.js';
import { capacityTables } from './capacity-tables.js';
import type { LoadOptionsGiven } from './load-options.js';
import type { LoadReport } from './load-report.js';
import { type LoadOptions, runLoadTest } from './load-test.js';
import { reportPage } from './report-page.js';
import { correctness, regressions, timeliness, type Verdict } from './thresholds.js';
import type { LoadSize } from './trading-day.js';

/** Runs `npm run loadtest`. @returns whether every threshold held */
export async function loadTestCommand(options: LoadOptionsGiven, say: (line: string) => void): Promise<boolean> {
  const { size, processes, steps, baseline, tolerance } = options;
  if (steps !== undefined) return printCapacity(size, steps, say);
  const report = await onDesk(processes, (desk) => runLoadTest({ ...desk, size, processes, say }));
  const verdicts = [...correctness(report), ...(options.times ? timeliness(report) : [])];
  if (baseline !== undefined) verdicts.push(...withBaseline(report, baseline, tolerance, say));
  mkdirSync(dirname(options.report), { recursive: true });
  writeFileSync(options.report, reportPage(report, verdicts));
  for (const { what, seen, limit, unit } of verdicts.filter(({ pass }) => !pass))
    say(`FAILED ${what}: ${seen} ${unit} (at most ${limit})`);
  const passed = verdicts.every(({ pass }) => pass);
  say(`${verdicts.filter(({ pass }) => pass).length} of ${verdicts.length} thresholds held. Report: ${options.report}`);
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
