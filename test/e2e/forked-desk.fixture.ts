import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Environment, InternalValues } from '#config';
import { forkNode } from '../setup/forked-node.js';
import type { TestRequest, TestResponse } from '../setup/test-app.js';
import type { TestDatabase } from '../setup/test-database.js';
import { testEnvironment, testInternals } from '../setup/test-environment.js';

/** A node of the desk in a process of its own. */
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
    const environment = testEnvironment(database.url, env);
    const child = forkNode('desk-process', environment, [...testInternals, ...internals], { openFiles });
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
