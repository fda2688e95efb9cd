// Measures processor time, in ms.
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Answers the message `cpu` with the processor time that this process has used, and `collect` after a full garbage collection: a
 * server uses up to half as much again while its heap grows as after a collection.
 */
export function tellCpu() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('message', (message) => {
    if (message === 'collect') {
      collect();
      process.send('collected');
    }
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send({ cpu: (user + system) / 1_000 });
    }
  });
}

/** The processor time of a process with all its children, also those that have ended, by /proc (Linux). A tick of its counters is 10 ms. */
export function cpuOfTree(parent) {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const [, parentId, user, system, ended] = statOf(pid);
    if (Number(pid) === parent) ticks += user + system + ended;
    else if (parentId === parent) ticks += user + system;
  }
  return ticks * 10;
}

/** The parent of a process. */
export function parentOf(pid) {
  return statOf(pid)[1];
}

/** [state, parent, user ticks, system ticks, ticks of its ended children] */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    return [fields[0], Number(fields[1]), user, system, endedUser + endedSystem];
  } catch {
    return ['', 0, 0, 0, 0]; // It has ended.
  }
}
