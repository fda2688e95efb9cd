// Jest's `testEnvironment` for suites that run in the worker's own process and share its global object.
import { setTimeout as delay } from 'node:timers/promises';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';
import { register } from 'prom-client';

const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');
/** Desks and modules that the running suite has not closed: `opened.ts` keeps it. */
const opened = (globalThis[Symbol.for('deskwire.opened')] ??= new Set());
const HANDLERS = Symbol.for('EVENT_HANDLERS');
/** Sockets close shortly after the server or client that held them. */
const LEAK_GRACE_MS = 6_000;
const CLOSE_LIMIT_MS = 60_000;
const mocker = new ModuleMocker(globalThis);
let timers;

// Jest measures with these while a suite replaces its clock.
globalThis[Symbol.for('jest-native-now')] = Date.now;
globalThis[Symbol.for('deskwire.jest')] = {
  jest: {
    fn: mocker.fn.bind(mocker),
    spyOn: mocker.spyOn.bind(mocker),
    restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
    setTimeout: (ms) => void (globalThis[TIMEOUT] = ms),
    useFakeTimers: (options) => timers.useFakeTimers(options),
    useRealTimers: () => timers.useRealTimers(),
    advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
    advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
    getTimerCount: () => timers.getTimerCount(),
  },
};

export default class Environment {
  global = globalThis;
  moduleMocker = mocker;
  fakeTimers = null;
  fakeTimersModern;
  #before;
  #failed = false;

  constructor({ projectConfig }) {
    this.#before = { console, exit: process.exit, env: { ...process.env }, open: openResources() };
    this.fakeTimersModern = timers = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {
    Error.stackTraceLimit = 30;
  }

  async teardown() {
    timers.dispose();
    forgetMetrics();
    delete globalThis[TIMEOUT];
    delete globalThis[HANDLERS];
    globalThis.console = this.#before.console;
    process.exit = this.#before.exit;
    for (const key of Object.keys(process.env)) if (!(key in this.#before.env)) delete process.env[key];
    Object.assign(process.env, this.#before.env);
  }

  /** Fails a suite that leaves a connection, a server, a process or a timer behind. Closes what a failed test left to its neighbours. */
  async handleTestEvent({ name, test }, state) {
    if (name === 'test_done' && test.errors.length > 0) this.#failed = true;
    if (name !== 'run_finish') return;
    // Something that a failed test left broken may never close.
    if (this.#failed)
      for (const it of [...opened].reverse())
        await Promise.race([it.close().catch(() => undefined), delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
    let left;
    for (const until = Date.now() + LEAK_GRACE_MS; Date.now() < until; await delay(20)) {
      left = Object.entries(openResources()).filter(([type, count]) => count > (this.#before.open[type] ?? 0));
      if (left.length === 0) return;
    }
    const named = left.map(([type, count]) => `${type} (${count})`).join(', ');
    state.unhandledErrors.push(
      new Error(`This suite left open after its last test: ${named}. Close them in afterAll.`),
    );
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }
}

/**
 * Counts connections, servers, processes and timers that keep the process alive, by Node's names for them. Pipes belong to
 * the worker or to one of these processes.
 */
function openResources() {
  const open = {};
  for (const type of process.getActiveResourcesInfo())
    if (/^(TCPSocket|TCPServer|Process|UDP|TLS|FSEvent|Timeout)/.test(type)) open[type] = (open[type] ?? 0) + 1;
  return open;
}

/** Metrics are registered per process. Those of Node itself are registered once. */
function forgetMetrics() {
  for (const { name } of register.getMetricsAsArray())
    if (!/^(nodejs|process)_/.test(name)) register.removeSingleMetric(name);
}
