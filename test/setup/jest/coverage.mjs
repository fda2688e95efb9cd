// Coverage of the suites of this worker, counted by V8 in the worker's process, in the format of Jest's `v8` provider.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { compiledFiles } from '../typescript-hooks.mjs';

let session;
/** Compiled files whose code the main process already has. */
const sent = new Set();

/** Starts counting, once per worker. Modules loaded earlier have no counters. */
export function startCounting() {
  if (session) return;
  session = new Session();
  session.connect();
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
}

/** Returns the counts since the last call. Functions of a file that never ran are reported once, with its code. */
export function takeCounts() {
  const counts = [];
  for (const { url, scriptId, functions } of post('Profiler.takePreciseCoverage').result) {
    const kept = compiledFiles.get(url);
    if (kept === undefined || /\.(spec|fixture)\.ts/.test(url)) continue;
    const isNew = !sent.has(url);
    sent.add(url);
    const ran = isNew ? functions : functions.filter(({ ranges }) => ranges.some(({ count }) => count > 0));
    if (ran.length === 0) continue;
    const file = fileURLToPath(url);
    const result = { url: file, scriptId, functions: ran };
    counts.push(isNew ? { result, codeTransformResult: transformOf(file, kept) } : { result });
  }
  return counts;
}

function transformOf(file, kept) {
  return {
    code: readFileSync(kept, 'utf8'),
    originalCode: readFileSync(file, 'utf8'),
    sourceMapPath: `${kept}.map`,
  };
}

function post(method, params) {
  let answer;
  session.post(method, params, (error, result) => {
    if (error) throw new Error(`${method}: ${error.message}`);
    answer = result;
  });
  return answer;
}
