import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { prometheusTool } from './prometheus-tools.js';

export interface ScrapeJob {
  name: string;
  /** Of the process; Prometheus scrapes its `/metrics`. */
  url: string;
}

/** A series of an answer: its labels and its value now. */
export interface PrometheusSample {
  metric: Record<string, string>;
  value: number;
}

/** A real Prometheus on a port of its own, with a folder of its own. */
export class PrometheusServer {
  private readonly killWithTests = () => this.process.kill('SIGKILL');

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
  ) {
    process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
    globalThis.process.once('exit', this.killWithTests);
  }

  /**
   * Resolves when it listens.
   * @param every interval of its scrapes and evaluations, e.g. `5s`
   * @param rules path of a file with alert rules
   */
  static async start(every: string, jobs: readonly ScrapeJob[], rules?: string): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-prometheus-'));
    const config = join(folder, 'prometheus.yml');
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: every, evaluation_interval: every },
        rule_files: rules === undefined ? [] : [resolve(rules)],
        scrape_configs: jobs.map(({ name, url }) => ({
          job_name: name,
          static_configs: [{ targets: [new URL(url).host] }],
        })),
      }),
    );
    const started = spawn(
      prometheusTool('prometheus')!,
      [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let address: string | undefined;
    const lines: string[] = [];
    for await (const line of createInterface({ input: started.stderr })) {
      lines.push(line);
      address ??= /Listening on"? address=(\S+)/.exec(line)?.[1];
      if (!address || !line.includes('Server is ready')) continue;
      started.stderr.resume();
      return new PrometheusServer(started, folder, `http://${address}`);
    }
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`prometheus did not start:\n${lines.join('\n')}`);
  }

  /** What an expression has now: no sample means that it is false. */
  async query(expression: string): Promise<PrometheusSample[]> {
    const answer = await fetch(`${this.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
    });
    const { status, error, data } = (await answer.json()) as {
      status: string;
      error?: string;
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (status !== 'success') throw new Error(`${expression}: ${error}`);
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  async stop(): Promise<void> {
    globalThis.process.off('exit', this.killWithTests);
    const { process: running } = this;
    if (running.exitCode !== null || running.signalCode !== null) return;
    const end = once(running, 'exit');
    running.kill('SIGKILL');
    await end;
  }
}
