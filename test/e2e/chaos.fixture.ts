import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Agent, request } from 'undici';
import { deliveriesConfig } from '#deliveries/config';
import { eventually } from '../setup/eventually.js';
import { forkNode } from '../setup/forked-node.js';
import { SHORT_LIVED } from '../setup/short-lived.js';
import { createTestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';

export interface ChaosPlan {
  events: number;
  kills: number;
  killEveryMs: number;
  lanes: number;
  /** Maximum number of deliveries in flight per worker. */
  concurrency: number;
  seed: number;
  /** Lease of a killed worker's deliveries, in ms. */
  leaseMs: number;
  /** Whether each killed node is replaced. If not, only the last one of a role is. */
  replaced: boolean;
  /** The negative control: only workers are killed. */
  ackBeforeSend?: boolean;
}

export interface ChaosReport {
  acknowledged: number;
  /** Acknowledged messages that were never received. */
  lost: number;
  /** Receipts after the first of each message. */
  duplicates: number;
  /** Number of receipts of the message received most often. */
  most: number;
  kills: number;
  /** Time in ms from the last kill to the last first receipt of a message acknowledged before it. */
  lastAfterKillMs: number;
  /** Failed attempts by error. Under load, some time out. */
  failures: Record<string, number>;
  seconds: number;
}

interface Node {
  role: 'web' | 'worker';
  child: ChildProcess;
  url?: string;
}

/** Runs publishers, 2 web and 2 worker nodes and a receiver, and kills a node at random again and again. */
export async function chaos(plan: ChaosPlan): Promise<ChaosReport> {
  const random = seeded(plan.seed);
  const database = await createTestDatabase();
  const receiver = await Receiver.start();
  const environment = testEnvironment(database.url, {
    EGRESS_ALLOW_PRIVATE: 'true',
    DATABASE_POOL_MAX: '8',
    DELIVERIES_MAX_CONCURRENT: String(plan.concurrency),
    ...(plan.ackBeforeSend ? { CHAOS_ACK_BEFORE_SEND: 'yes' } : {}),
  });
  const nodes: Node[] = [];
  let over = false;
  let failure: Error | undefined;
  const spawn = (role: Node['role']): void => {
    const child = forkNode('chaos-node', { ...SHORT_LIVED, ...environment, DESKWIRE_ROLE: role }, [
      deliveriesConfig.with({ leaseMs: plan.leaseMs }),
    ]);
    const node: Node = { role, child };
    nodes.push(node);
    child.on('message', ({ url }: { url?: string }) => {
      if (url) node.url = url;
    });
    child.once('exit', (code) => {
      nodes.splice(nodes.indexOf(node), 1);
      if (code !== null && !over) failure ??= new Error(`a ${role} node ended by itself with ${code}`);
      const last = !nodes.some((other) => other.role === role);
      if (!over && (plan.replaced || last)) spawn(role);
    });
  };
  const client = new pg.Client({ connectionString: database.url });
  const agent = new Agent({ connections: 8 });
  try {
    await client.connect();
    for (const role of ['web', 'web', 'worker', 'worker'] as const) spawn(role);
    await eventually(() => {
      if (failure === undefined && nodes.filter(({ url }) => url).length < 4)
        throw new Error('not all nodes are ready');
    }, 240_000);
    if (failure) throw failure;
    const lanes = await endpoints(nodes[0]!.child, plan.lanes, receiver.url);

    const began = performance.now();
    const acknowledged = new Map<string, number>();
    let kills = 0;
    let lastKill = began;
    // Spread over the time of the kills, so each node has work in flight.
    const pace = (plan.kills * plan.killEveryMs) / plan.events;
    let next = 0;
    const publish = async (): Promise<void> => {
      while (next < plan.events) {
        const n = next++;
        const early = n * pace - (performance.now() - began);
        if (early > 0) await pause(early);
        const id = randomUUID();
        // Behaves as a client without an answer: sends the same event again, to any node.
        for (;;) {
          const web = nodes.filter(({ role, url }) => role === 'web' && url);
          const node = web[Math.floor(random() * web.length)];
          const ok = node
            ? await request(`${node.url}/${lanes[n % lanes.length]}`, {
                method: 'POST',
                body: id,
                dispatcher: agent,
              }).then(
                async ({ statusCode, body }) => (await body.dump(), statusCode === 202),
                () => false,
              )
            : false;
          if (ok) break;
          await pause(20); // Paces the repetitions of a client.
        }
        acknowledged.set(id, performance.now());
      }
    };
    // The control kills after a message is acknowledged and before it is received.
    const tickedOff = () =>
      eventually(async () => {
        const { rows } = await client.query<{ n: number }>(
          `SELECT count(*)::integer AS n FROM alert_delivery_queue WHERE status = 'delivered'`,
        );
        if (rows[0]!.n <= receiver.receipts.length) throw new Error('no message is acknowledged before it is received');
      }, 30_000);
    const killing = (async () => {
      while (kills < plan.kills) {
        await pause(plan.killEveryMs);
        if (plan.ackBeforeSend) await tickedOff();
        const ready = nodes.filter(({ url, role }) => url && (role === 'worker' || !plan.ackBeforeSend));
        const victim = ready[Math.floor(random() * ready.length)];
        if (!victim) continue;
        delete victim.url;
        victim.child.kill('SIGKILL');
        kills += 1;
        lastKill = performance.now();
      }
    })();
    await Promise.all([killing, ...Array.from({ length: 16 }, publish)]);
    // Continues while messages arrive, and 30 s longer: messages in flight at a killed worker must arrive within that
    // time.
    const seen = () => {
      const ids = new Set(receiver.receipts.map(({ messageId }) => messageId));
      return [...acknowledged.keys()].filter((id) => ids.has(id)).length;
    };
    const until = performance.now() + 240_000;
    const settled = async () =>
      Number(
        (
          await client.query<{ n: string }>(
            `SELECT count(*) AS n FROM alert_delivery_queue WHERE status IN ('pending', 'sending')`,
          )
        ).rows[0]!.n,
      ) === 0;
    while (
      performance.now() < until &&
      (seen() < acknowledged.size || !(await settled())) &&
      !(plan.ackBeforeSend && (await settled()))
    )
      await pause(200);
    // The control proves that messages are lost: none of them may arrive within this time either.
    if (plan.ackBeforeSend) await pause(2_000);

    const receipts = new Map<string, number>();
    let lastFirst = lastKill;
    for (const { messageId, at } of receiver.receipts) {
      const acknowledgedAt = acknowledged.get(messageId);
      if (acknowledgedAt === undefined) continue; // Operator events of the desk.
      receipts.set(messageId, (receipts.get(messageId) ?? 0) + 1);
      if (receipts.get(messageId) === 1 && acknowledgedAt < lastKill) lastFirst = Math.max(lastFirst, at);
    }
    const { rows } = await client.query<{ error: string; n: number }>(
      `SELECT coalesce(error, outcome) AS error, count(*)::integer AS n FROM delivery_attempts WHERE outcome <> 'delivered' GROUP BY 1`,
    );
    const failures = Object.fromEntries(rows.map(({ error, n }) => [error, n]));
    return {
      acknowledged: acknowledged.size,
      lost: [...acknowledged.keys()].filter((id) => !receipts.has(id)).length,
      duplicates: [...receipts.values()].reduce((sum, times) => sum + times - 1, 0),
      most: Math.max(...receipts.values()),
      kills,
      lastAfterKillMs: Math.round(lastFirst - lastKill),
      failures,
      seconds: Math.round((performance.now() - began) / 1_000),
    };
  } finally {
    over = true;
    await Promise.all(
      nodes.map(({ child }) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return gone;
      }),
    );
    await agent.destroy();
    await client.end();
    await receiver.stop();
    await database.drop();
  }
}

/** Creates webhooks at the receiver. @returns their ids */
function endpoints(web: ChildProcess, count: number, url: string): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const heard = ({ endpoints: ids }: { endpoints?: string[] }) => {
    if (!ids) return;
    web.off('message', heard);
    resolve(ids);
  };
  web.on('message', heard);
  web.send({ endpoints: count, url });
  return promise;
}

/** mulberry32, so the same seed gives the same kills. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
