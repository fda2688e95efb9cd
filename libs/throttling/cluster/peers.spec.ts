import type { Redis } from '#redis';
import { throttlingConfig } from '../throttling.config.js';
import { Peers } from './peers.js';

const config = throttlingConfig.read({});

/** A Redis that knows this many processes. */
function peersOf(processes: number, enabled = true) {
  let answers = true;
  let listener: (available: boolean) => void = () => undefined;
  const gauge = new Map<string, number>();
  const redis = {
    enabled,
    get available() {
      return answers;
    },
    key: (...parts: string[]) => parts.join(':'),
    script: async () => {
      if (!answers) throw new Error('away');
      return processes;
    },
    onAvailability: (each: typeof listener) => (listener = each),
  };
  const peers = new Peers(redis as unknown as Redis, config, {
    set: ({ store }: { store: string }, value: number) => gauge.set(store, value),
  } as never);
  const become = (available: boolean) => {
    answers = available;
    listener(available);
  };
  return { peers, become, fail: () => (answers = false), gauge };
}

const turn = () => new Promise(setImmediate);

describe('the processes that count together', () => {
  it('a process that counts alone uses its share of a limit, so that all processes together stay within it', async () => {
    const { peers, become, gauge } = peersOf(3);
    peers.onModuleInit();
    await turn();
    expect([peers.joined, peers.share(10), gauge.get('redis')]).toEqual([true, 10, 1]);
    become(false);
    expect([peers.joined, peers.share(10), peers.share(2), gauge.get('redis')]).toEqual([false, 3, 1, 0]);
    become(true);
    await turn();
    expect([peers.joined, peers.share(10), gauge.get('redis')]).toEqual([true, 10, 1]);
  });

  it('a process that has never reached Redis assumes that there are others', () => {
    const { peers, fail } = peersOf(2);
    fail();
    peers.onModuleInit();
    expect(peers.share(100)).toBe(100 / config.unknownProcesses);
  });

  it('a process without REDIS_URL has the whole limit, and shows no metric', () => {
    const { peers, gauge } = peersOf(0, false);
    peers.onModuleInit();
    expect([peers.joined, peers.share(10), gauge.size]).toEqual([false, 10, 0]);
  });

  it('after a failure nobody asks Redis until a renewal has reached it', async () => {
    const { peers, fail, become } = peersOf(2);
    peers.onModuleInit();
    await turn();
    fail();
    expect(await peers.run({} as never, [], [])).toBeUndefined();
    expect(peers.joined).toBe(false);
    become(true);
    await peers.renew();
    expect(peers.joined).toBe(true);
  });

  it('a process counts alone until everything it counted is reported', async () => {
    const { peers } = peersOf(2);
    const reported = Promise.withResolvers<void>();
    peers.onJoin(() => reported.promise);
    peers.onModuleInit();
    await turn();
    expect(peers.joined).toBe(false);
    reported.resolve();
    await turn();
    expect(peers.joined).toBe(true);
  });

  it('names of persons in Redis depend on the secret and show nothing of the person', () => {
    const [one, two, other] = [peersOf(1), peersOf(1), peersOf(1)].map(({ peers }) => peers);
    for (const peers of [one!, two!]) peers.useSecret('the secret of the cluster');
    other!.useSecret('another secret');
    expect(one!.nameOf('ana@desk.example')).toBe(two!.nameOf('ana@desk.example'));
    expect(one!.nameOf('ana@desk.example')).not.toBe(other!.nameOf('ana@desk.example'));
    expect(one!.nameOf('ana@desk.example')).toMatch(/^[\w-]{22}$/);
  });
});
