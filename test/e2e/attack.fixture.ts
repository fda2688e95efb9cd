import { fork } from 'node:child_process';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';

export interface AttackedOperation {
  method: string;
  path: string;
  body?: unknown;
}

/**
 * Sends an operation in loops from another process until the returned function is called.
 * @returns the number of answers per status
 */
export async function attackFromProcess(
  desk: string,
  { method, path, body }: AttackedOperation,
  token: string,
  callers: number,
): Promise<() => Promise<Record<string, number>>> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return start({
    ...{ url: new URL(path, desk).href, method, callers },
    headers: { authorization: `Bearer ${token}`, ...json },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Keeps a core as busy as the clients of an attack until the returned function is called. */
export async function keepCoreBusy(): Promise<() => Promise<void>> {
  const stop = await start({ callers: 1 });
  return async () => void (await stop());
}

async function start(order: object): Promise<() => Promise<Record<string, number>>> {
  const child = fork(join(import.meta.dirname, 'attack-process.mjs'));
  // Runs without the raised priority of the measurement.
  setPriority(child.pid!, Math.max(0, getPriority(child.pid!)));
  await once(child, 'message');
  child.send(order);
  return async () => {
    child.send('stop');
    const [statuses] = (await once(child, 'message')) as [Record<string, number>];
    return statuses;
  };
}
