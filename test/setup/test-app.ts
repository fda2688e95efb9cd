import { type InjectionToken } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { type Role, UsersService } from '#auth';
import { BackgroundTasks } from '#background';
import type { Environment, InternalValues } from '#config';
import { startApp } from '../../apps/api/start-app.js';
import { DocumentedProblems } from './documented-problems.js';
import { eventually } from './eventually.js';
import { opening } from './opened.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { testEnvironment, testInternals } from './test-environment.js';

export interface TestResponse<T = any> {
  status: number;
  headers: Headers;
  body: T;
}

export interface TestRequest {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface TestApp {
  url: string;
  app: NestFastifyApplication;
  database: TestDatabase;
  get<T>(token: InjectionToken<T>): T;
  request<T = any>(method: string, path: string, request?: TestRequest): Promise<TestResponse<T>>;
  /** Creates a user of the role and signs it in over HTTP. */
  login(role: Role): Promise<{ token: string; userId: string; email: string; password: string; refreshToken: string }>;
  socket(token: string | undefined, options?: Partial<ManagerOptions & SocketOptions>): Socket;
  close(): Promise<void>;
}

export interface TestAppOptions {
  env?: Environment;
  /** Overrides of lib constants, e.g. `deliveriesConfig.with({ pollMs: 50 })`. */
  internals?: readonly InternalValues[];
  database?: TestDatabase;
}

const MOMENT = 'portfolios-moment';
let users = 0;

/** Starts the real app on a random port with a migrated database of its own, and waits until it is ready. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.database ?? (await createTestDatabase());
  const running = await startApp(testEnvironment(database.url, options.env), [
    ...testInternals,
    ...(options.internals ?? []),
  ]);
  await running.ready;
  await firstMoment(running.app);
  const sockets: Socket[] = [];
  const problems = new DocumentedProblems(running.url);
  const request: TestApp['request'] = async (method, path, { token, body, headers } = {}) => {
    const raw =
      body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    const response = await fetch(new URL(path, running.url), {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: raw ? (body as never) : JSON.stringify(body),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    const answer = { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    if (response.headers.get('content-type')?.includes('problem+json')) await problems.check(method, path, answer.body);
    return answer;
  };
  return opening({
    url: running.url,
    app: running.app,
    database,
    get: (token) => running.app.get(token, { strict: false }),
    request,
    login: async (role) => {
      const email = `${role}-${++users}-${process.pid}@test.example`;
      const password = 'correct horse battery staple';
      const user = await running.app
        .get(UsersService, { strict: false })
        .add({ email, roles: [role], password } as never);
      const { body } = await request('POST', '/v1/auth/login', { body: { email, password } });
      const userId = (user as any).userId ?? (user as any).id ?? (user as any).user?.id;
      return { token: body.accessToken, refreshToken: body.refreshToken, userId, email, password };
    },
    socket: (token, extra) => {
      const socket = io(`${running.url}/dashboard`, {
        auth: token === undefined ? {} : { token },
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...extra,
      });
      sockets.push(socket);
      return socket;
    },
    close: async () => {
      for (const socket of sockets) socket.disconnect();
      await running.app.close();
      if (!options.database) await database.drop();
    },
  });
}

/** The first run of this task changes what dashboards show, so that two requests around it differ. It would come within a second. */
async function firstMoment(app: NestFastifyApplication): Promise<void> {
  const tasks = app.get(BackgroundTasks, { strict: false });
  tasks.wake(MOMENT);
  await eventually(() => {
    const { state, lastRunAt } = tasks.list().find(({ name }) => name === MOMENT)!;
    expect(state === 'running' || (state === 'waiting' && lastRunAt === null)).toBe(false);
  });
}
