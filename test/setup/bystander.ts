import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

interface Experience {
  /** The slowest of 100 answers, in ms. */
  p99: number;
  /** The same in CPU time of this thread, which other work of the machine does not change, in ms. */
  cpuP99: number;
  statuses: Record<string, number>;
}

/** A user who does nothing wrong and reads the dashboard from an address of their own while others attack. */
export class Bystander {
  /** @param keepAlive false: a new connection for each request */
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly keepAlive = true,
    private readonly address = '127.0.0.9',
  ) {}

  /** Asks that many times. */
  ask(times: number): Promise<Experience> {
    let left = times;
    return this.#askWhile(() => left-- > 0);
  }

  /** Asks until the attack has ended, and at least 20 times. */
  async askDuring(attack: Promise<unknown>): Promise<Experience> {
    let least = 20;
    let over = false;
    attack.then(
      () => (over = true),
      () => (over = true),
    );
    const experience = await this.#askWhile(() => least-- > 0 || !over);
    await attack;
    return experience;
  }

  async #askWhile(more: () => boolean): Promise<Experience> {
    const agent = new Agent({ keepAlive: this.keepAlive });
    const times: number[] = [];
    const cpuTimes: number[] = [];
    const statuses: Record<string, number> = {};
    let [due, cpuDue] = [performance.now(), cpuNow()];
    while (more()) {
      const status = await this.#dashboard(agent);
      // From when it was due: an event loop that is blocked during the pause delays this user too.
      times.push(performance.now() - due);
      cpuTimes.push(cpuNow() - cpuDue);
      statuses[status] = (statuses[status] ?? 0) + 1;
      [due, cpuDue] = [performance.now() + PAUSE_MS, cpuNow()];
      await pause(PAUSE_MS);
    }
    agent.destroy();
    return { p99: p99Of(times), cpuP99: p99Of(cpuTimes), statuses };
  }

  /** @returns the status, or the code of the error that the connection ended with */
  #dashboard(agent: Agent): Promise<string> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${this.token}` };
      request(`${this.url}/v1/dashboard`, { agent, headers, localAddress: this.address }, (answer: IncomingMessage) =>
        answer.resume().once('end', () => resolve(String(answer.statusCode))),
      )
        .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .end();
    });
  }
}

const PAUSE_MS = 5;
const ATTEMPTS = 6;

function p99Of(times: number[]): number {
  times.sort((a, b) => a - b);
  return times[Math.max(0, Math.ceil(times.length * 0.99) - 1)]!;
}

/** CPU time of this thread, in ms. */
export function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** What writing and reading a body of 1 MB takes on this machine now, in ms of CPU time. */
function bodyMs(): number {
  const rows = Array.from({ length: 60_000 }, (_, n) => ({ n: `row ${n}` }));
  const once = () => {
    const begin = cpuNow();
    JSON.parse(JSON.stringify(rows));
    return cpuNow() - begin;
  };
  return Math.min(once(), once(), once());
}

/**
 * Runs an attack on the event loop while a bystander reads the dashboard. The bound, by ratios of the same run: only good
 * answers, and a p99 within three times the baseline or four bodies of 1 MB above it, of the time or of the CPU time between
 * request and answer: other work of the machine can delay every answer. It may disturb some of six attempts but not all.
 * @returns what the last attack returned
 */
export async function expectUnharmed<T>(bystander: Bystander, attack: () => Promise<T>): Promise<T> {
  const allowed = 4 * bodyMs();
  const boundOf = (baseline: number) => Math.max(3 * baseline, baseline + allowed);
  let least = Infinity;
  for (let attempt = 1; ; attempt++) {
    const baseline = await bystander.ask(60);
    const attacking = attack();
    const during = await bystander.askDuring(attacking);
    expect(Object.keys({ ...baseline.statuses, ...during.statuses })).toEqual(['200']);
    least = Math.min(least, during.p99 / boundOf(baseline.p99), during.cpuP99 / boundOf(baseline.cpuP99));
    if (attempt < ATTEMPTS && least > 1) continue;
    expect(least).toBeLessThanOrEqual(1);
    return attacking;
  }
}

/**
 * Does something `times` times, in groups with pauses: at once, the clients of an attack would block the event loop that
 * they share with the desk under test.
 */
export async function spread<T>(
  times: number,
  one: (n: number) => Promise<T>,
  { group = 10, pauseMs = 25 } = {},
): Promise<T[]> {
  const all: Promise<T>[] = [];
  for (let n = 0; n < times; n++) {
    all.push(one(n));
    if (n % group === group - 1) await pause(pauseMs);
  }
  return Promise.all(all);
}
