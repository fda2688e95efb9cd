import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Environment, InternalValues } from '#config';
import type { TestRequest, TestResponse } from '../setup/test-app.js';
import type { TestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';

const SETUP = join(import.meta.dirname, '../setup');

/** A node of the desk in a process of its own, from the sources. */
export class ForkedDesk {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /**
   * Resolves when it is ready.
   * @param openFiles limit of open files of the process; that of this process if left out
   */
  static async start(
    database: TestDatabase,
    env: Environment = {},
    internals: readonly InternalValues[] = [],
    openFiles?: number,
  ): Promise<ForkedDesk> {
    const hooks = ['--import', join(SETUP, 'typescript-hooks.mjs')];
    const limited = ['-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, process.execPath, ...hooks];
    const child = fork(join(SETUP, 'desk-process.mjs'), {
      ...(openFiles === undefined ? { execArgv: hooks } : { execPath: '/bin/sh', execArgv: limited }),
      env: {
        ...testEnvironment(database.url, env),
        TEST_INTERNALS: JSON.stringify(internals),
        PATH: process.env['PATH'],
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const url = await new Promise<string>((resolve, reject) => {
      let address = '';
      child.on('message', (message: { url?: string; ready?: unknown; failed?: string }) => {
        if (message.url) address = message.url;
        if (message.ready) resolve(address);
        if (message.failed) reject(new Error(message.failed));
      });
      child.once('exit', (code) => reject(new Error(`the desk ended with ${code} before it was ready`)));
    });
    return new ForkedDesk(child, url);
  }

  /** Like `TestApp.request()`, without comparing problems with the document. */
  async request(method: string, path: string, { token, body }: TestRequest = {}): Promise<TestResponse> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }

  async kill(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
