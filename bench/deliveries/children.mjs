// Child processes of the bench, each a script of this folder.
import { fork } from 'node:child_process';
import { join } from 'node:path';

/** Starts a script and waits for its first message. */
export async function start(script) {
  const child = fork(join(import.meta.dirname, script), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return { child, first: await message(child) };
}

/** Starts the workers of a queue. */
export async function startWorkers(script, count) {
  const started = await Promise.all(Array.from({ length: count }, () => start(script)));
  return started.map(({ child }) => child);
}

/** Asks the receiver for its receipts since the last report. */
export function report(child) {
  const answer = message(child);
  child.send('report');
  return answer;
}

export async function stop(children) {
  await Promise.all(
    children.map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      return gone;
    }),
  );
}

function message(child) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (received) => {
      child.off('exit', ended);
      resolve(received);
    });
  });
}
