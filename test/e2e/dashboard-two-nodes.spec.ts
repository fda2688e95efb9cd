import { isDeepStrictEqual } from 'node:util';
import patcher from 'fast-json-patch';
import type { Socket } from 'socket.io-client';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { askInto } from './sockets.fixture.js';
import { dashboardConfig } from '#dashboard/config';

interface Held {
  snapshot: { id: string; position: number; asOf: string };
  panels: Record<string, object>;
}

const ROUNDS = 40;

describe('two nodes on one database', () => {
  let nodes: [TestApp, TestApp];
  let operator: string;
  let asOf = Date.parse('2026-11-02T03:45:00Z');
  /** Content by node and snapshot id, from REST or socket. */
  let shown: [Map<string, Held>, Map<string, Held>];
  /** Ids that one node showed with two different contents. */
  let contradictions: string[];

  beforeAll(async () => {
    const internals = [dashboardConfig.with({ tickMs: 20 })];
    const first = await startTestApp({ internals });
    nodes = [first, await startTestApp({ database: first.database, internals })];
    operator = (await first.login('operator')).token;
    shown = [new Map(), new Map()];
    contradictions = [];
  });
  afterAll(async () => {
    await nodes[1].close();
    await nodes[0].close();
  });

  function note(at: number, { snapshot, panels }: Held): void {
    const before = shown[at]!.get(snapshot.id);
    const now = structuredClone({ snapshot, panels });
    if (before !== undefined && !isDeepStrictEqual(before, now)) contradictions.push(snapshot.id);
    shown[at]!.set(snapshot.id, now);
  }

  async function watch(at: number): Promise<{ socket: Socket; held: () => Held }> {
    const socket = nodes[at]!.socket(operator);
    let held: Held | undefined;
    const take = (full: Held) => note(at, (held = { snapshot: full.snapshot, panels: full.panels }));
    socket.on('dashboard:snapshot', take);
    socket.on('dashboard:delta', ({ from, patch }: { from: string; patch: never }) => {
      expect(from).toBe(held!.snapshot.id);
      note(at, (held = patcher.applyPatch(held!, patch, true, false).newDocument));
    });
    await askInto(socket, 'dashboard:subscribe', {}, take);
    return { socket, held: () => held! };
  }

  it('two nodes show the same content at every common snapshot id, including the stamp, during writes', async () => {
    const watches = [await watch(0), await watch(1)];
    const common = () => [...shown[0].keys()].filter((id) => shown[1].has(id));
    // Each transaction of the server moves the id of a snapshot, so a busy one needs more rounds.
    for (let round = 0; round < ROUNDS || (common().length <= ROUNDS / 4 && round < 50 * ROUNDS); round++) {
      const body = {
        snapshots: [0, 1].map((at) => ({
          portfolioId: `p${(round + at) % 7}`,
          broker: 'zerodha',
          account: `A${(round + at) % 7}`,
          asOf: new Date((asOf += 1_000)).toISOString(),
          currency: 'INR',
          cash: `${round}.25`,
          positions: [],
        })),
      };
      const written = nodes[round % 2]!.request('POST', '/v1/portfolios/snapshots', { token: operator, body });
      // Some reads of both nodes happen in the middle of a write, the others after it.
      if (round % 4 !== 0) expect((await written).status).toBe(200);
      const fresh = await Promise.all(
        nodes.map((node) =>
          node.request<Held & { source: string }>('GET', '/v1/dashboard', {
            token: operator,
            headers: { 'cache-control': 'no-cache' },
          }),
        ),
      );
      fresh.forEach(({ body: answer }, at) => note(at, answer));
      expect((await written).status).toBe(200);
    }
    const last = await nodes[0].request<Held>('GET', '/v1/dashboard?panels=portfolios', {
      token: operator,
      headers: { 'cache-control': 'no-cache' },
    });
    await eventually(() => {
      for (const { held } of watches) expect(held().panels['portfolios']).toEqual(last.body.panels['portfolios']);
    });
    expect(contradictions).toEqual([]);
    expect(common().length).toBeGreaterThan(ROUNDS / 4);
    for (const id of common()) expect(shown[1].get(id)).toEqual(shown[0].get(id));
  });
});
