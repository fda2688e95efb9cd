import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A process that keeps some 60 MB. The second collection tells the limit that the first has set. */
const PROGRAM = `
  if (process.argv[1] !== undefined) (await import(process.argv[1])).collectRarely();
  globalThis.rows = Array.from({ length: 600_000 }, (_, n) => ({ n, text: 'row ' + n }));
  gc();
  gc();
`;

/** To how many times of what the collection left the heap may grow; by a fifth only, unless V8 is told otherwise. */
async function growth(...argument: string[]): Promise<number> {
  const flags = ['--heap-growing-percent=20', '--initial-old-space-size=1', '--expose-gc', '--trace-gc-nvp'];
  const program = ['--input-type=module', '--eval', PROGRAM, ...argument];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...program]);
  const [left, limit] = ['end_object_size', 'old_gen_allocation_limit'].map((name) =>
    Number(stdout.slice(stdout.lastIndexOf(' gc=mc ')).match(` ${name}=(\\d+)`)![1]),
  );
  return limit! / left!;
}

it('a process that collects rarely lets its heap grow to four times, within the memory limit', async () => {
  const module = join(import.meta.dirname, '../../dist/apps/api/heap-growth.js');
  expect(await growth()).toBeLessThan(2);
  expect(await growth(module)).toBeGreaterThan(3);
});
