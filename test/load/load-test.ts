import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { HttpLoad } from './http-load.js';
import { BATCH, LoadDesk } from './load-desk.js';
import { type LoadReport, percentilesOf, type PhaseResult, type Sample, type Truth } from './load-report.js';
import { LoadScreens } from './load-screens.js';
import { DAY, type LoadSize, type Phase } from './trading-day.js';

/** Longest wait for a state at the end of a phase. */
const PATIENCE_MS = 60_000;

export interface LoadOptions {
  databaseUrl: string;
  redisUrl?: string;
  size: LoadSize;
  processes: number;
  say: (line: string) => void;
}

/** Runs a trading day against a desk of its own, and reports what its users saw. */
export async function runLoadTest({ databaseUrl, redisUrl, size, processes, say }: LoadOptions): Promise<LoadReport> {
  say(`Filling a desk: ${size.traders} traders, ${size.instruments} contracts`);
  const desk = await LoadDesk.start(databaseUrl, size, processes, redisUrl);
  const day = new TradingDay(desk, size);
  try {
    const phases: PhaseResult[] = [];
    for (const phase of DAY) {
      say(`${phase.name}: ${phase.about}`);
      phases.push(await day.run(phase));
      await day.compareScreens();
    }
    const truth = day.truth();
    const [processor] = cpus();
    return {
      version: 1,
      at: new Date().toISOString(),
      machine: { cores: cpus().length, model: processor?.model ?? 'unknown', node: process.version },
      ...{ processes, size, phases, samples: day.samples, truth },
    };
  } finally {
    day.close();
    await desk.stop();
  }
}

class TradingDay {
  readonly samples: Sample[] = [];
  private readonly screens: LoadScreens;
  private readonly begun = performance.now();
  private answers: { ms: number; ok: boolean }[] = [];
  private compared = 0;
  private different = 0;

  constructor(
    private readonly desk: LoadDesk,
    private readonly size: LoadSize,
  ) {
    this.screens = new LoadScreens(desk.urls, desk.traders);
  }

  async run({ name, about, reads, quotes, news }: Phase): Promise<PhaseResult> {
    const { size, desk, screens } = this;
    const { seconds } = size;
    const http = new HttpLoad(desk.urls, (ms, ok) => this.answers.push({ ms, ok }));
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const before = { cpu: desk.cpu(), at: performance.now(), opened: new Set(desk.opened.keys()) };
    const stopSampling = this.sample(Math.max(250, (seconds * 1_000) / 15));
    const moved = this.move(name);
    const [read, quoted, told] = await Promise.all([
      http.run(size.readsPerSecond * reads, seconds, desk.read),
      http.run((size.quotesPerSecond * quotes) / BATCH, seconds, desk.quotes),
      http.run(size.newsPerSecond * news, seconds, desk.openPortfolio),
      moved,
    ]);
    await this.settle();
    stopSampling();
    lag.disable();
    const after = desk.cpu();
    const took = (performance.now() - before.at) / 1_000;
    const seen = screens.take();
    const opened = [...desk.opened.keys()].filter((id) => !before.opened.has(id));
    return {
      ...{ name, about, seconds: Math.round(took * 10) / 10 },
      requests: read.requests + quoted.requests + told.requests,
      failures: read.failures + quoted.failures + told.failures,
      readMs: percentilesOf(read.times),
      quotes: (quoted.requests - quoted.failures) * BATCH,
      quoteMs: percentilesOf(quoted.times),
      screenMs: percentilesOf(
        seen.arrivals.flatMap(([batch, at]) => Math.max(0, at - (desk.acknowledged.get(batch) ?? at))),
      ),
      frames: seen.frames,
      subscribeMs: percentilesOf(seen.subscribeMs),
      subscriptions: seen.subscribeMs.length,
      ...{ refused: seen.refused, missing: screens.missing, alerts: opened.length },
      webhookMs: percentilesOf(this.webhookTimes(opened)),
      deskCores: cores(after.desk - before.cpu.desk, took),
      postgresCores: cores(after.postgres - before.cpu.postgres, took),
      generatorLagMs: Math.round(lag.percentile(99) / 1e6),
    };
  }

  /** Compares what each following screen shows with what REST answers, when no quotes come. */
  async compareScreens(): Promise<void> {
    const { desk, screens } = this;
    const different = await Promise.all(
      screens.followers().map(async ({ trader, held }) => {
        const until = performance.now() + PATIENCE_MS / 4;
        for (;;) {
          const { panels } = await desk.dashboardOf(trader);
          if (isDeepStrictEqual(panels, held().panels)) return false;
          if (performance.now() > until) return true;
          await sleep(200);
        }
      }),
    );
    this.compared += different.length;
    this.different += different.filter(Boolean).length;
  }

  /** Compares what was acknowledged with what the receiver was told. */
  truth(): Truth {
    const { desk } = this;
    const told = desk.told().map(({ id }) => id);
    return {
      lostAlerts: [...desk.opened.keys()].filter((id) => !told.includes(id)).length,
      doubledAlerts: told.length - new Set(told).size,
      differentScreens: this.different,
      comparedScreens: this.compared,
    };
  }

  close(): void {
    this.screens.close();
  }

  /** What the sockets do in a phase. */
  private move(name: Phase['name']): Promise<void> {
    const moved = name === 'open' ? this.screens.open(this.size.sockets) : undefined;
    const lost = name === 'reconnect' ? this.screens.lose() : undefined;
    return Promise.race([moved ?? lost ?? Promise.resolve(), sleep(PATIENCE_MS, undefined, { ref: false })]);
  }

  /** Waits until the receiver was told of every portfolio, and the last frames have come. */
  private async settle(): Promise<void> {
    const { desk } = this;
    const until = performance.now() + PATIENCE_MS;
    while (new Set(desk.told().map(({ id }) => id)).size < desk.opened.size && performance.now() < until)
      await sleep(50);
  }

  private webhookTimes(opened: readonly string[]): number[] {
    const told = new Map(this.desk.told().map(({ id, at }) => [id, at]));
    return opened.flatMap((id) => (told.has(id) ? Math.max(0, told.get(id)! - this.desk.opened.get(id)!) : []));
  }

  /** @returns ends it */
  private sample(everyMs: number): () => void {
    let last = { at: performance.now(), cpu: this.desk.cpu(), frames: this.screens.frames, batches: this.batches };
    this.answers = [];
    const take = () => {
      const now = { at: performance.now(), cpu: this.desk.cpu(), frames: this.screens.frames, batches: this.batches };
      const seconds = (now.at - last.at) / 1_000;
      const { answers } = this;
      this.answers = [];
      this.samples.push({
        atMs: Math.round(now.at - this.begun),
        requestsPerSecond: Math.round(answers.length / seconds),
        failures: answers.filter(({ ok }) => !ok).length,
        p99Ms: percentilesOf(answers.map(({ ms }) => ms)).p99,
        sockets: this.screens.subscribed,
        framesPerSecond: Math.round((now.frames - last.frames) / seconds),
        quotesPerSecond: Math.round(((now.batches - last.batches) * BATCH) / seconds),
        deskCores: cores(now.cpu.desk - last.cpu.desk, seconds),
        postgresCores: cores(now.cpu.postgres - last.cpu.postgres, seconds),
      });
      last = now;
    };
    const timer = setInterval(take, everyMs);
    return () => clearInterval(timer);
  }

  private get batches(): number {
    return this.desk.acknowledged.size;
  }
}

function cores(ms: number, seconds: number): number {
  return Math.round(ms / seconds / 10) / 100;
}
