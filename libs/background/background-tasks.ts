import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Database, Startup } from '#database';
import { BackgroundTask, type TaskDefinition, type TaskResult, type TaskView } from './background-task.js';
import { tasksOf } from './background.decorator.js';
import { LAST_SUCCESS, RUN_DURATION, RUN_SECONDS, RUNS } from './background.metrics.js';
import { DeskRole } from './desk-role.js';

/** All background tasks of this process: finds the methods marked @Background(), runs and lists them. */
@Injectable()
export class BackgroundTasks implements OnModuleInit, BeforeApplicationShutdown {
  private readonly tasks = new Map<string, BackgroundTask>();
  private discovered = false;
  private started = false;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly startup: Startup,
    private readonly database: Database,
    private readonly role: DeskRole,
    @InjectMetric(RUNS) private readonly runs: Counter<'task' | 'result'>,
    @InjectMetric(RUN_SECONDS) private readonly seconds: Counter<'task'>,
    @InjectMetric(RUN_DURATION) private readonly duration: Histogram,
    @InjectMetric(LAST_SUCCESS) private readonly lastSuccess: Gauge<'task'>,
  ) {}

  onModuleInit(): void {
    this.discover();
    // The start reports its own failure.
    void this.startup.whenReady().then(
      () => this.start(),
      () => undefined,
    );
  }

  /** Before the pools are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.tasks.values()].map((task) => task.stop()));
  }

  /** @throws Error if the name is taken */
  add(definition: TaskDefinition): void {
    const { name } = definition;
    if (this.tasks.has(name)) throw new Error(`There are two background tasks named ${name}. Rename one of them.`);
    const task = new BackgroundTask(
      definition,
      (_task, result, seconds) => this.count(name, result, seconds),
      () => definition.whenReadOnly === 'pause' && this.database.readOnly,
    );
    this.tasks.set(name, task);
    if (this.started) this.begin(task);
  }

  /**
   * Runs the task now, or at `at` (ms since 1970) if its next run is later than that. A wake during a run causes one more run
   * after it. Does nothing in a process of another role and on a read-only desk.
   * @throws Error if there is no task of that name
   */
  wake(name: string, at = Date.now()): void {
    this.discover();
    const task = this.tasks.get(name);
    if (task === undefined) throw new Error(`There is no background task named ${name}.`);
    task.wake(at);
  }

  /** By name. */
  list(): TaskView[] {
    return [...this.tasks.values()].map((task) => task.view()).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Runs once. The onModuleInit of another lib may wake a task before ours has run. */
  private discover(): void {
    if (this.discovered) return;
    this.discovered = true;
    for (const instance of new Set(this.discovery.getProviders().map((provider) => provider.instance as unknown))) {
      if (typeof instance === 'object' && instance !== null) tasksOf(instance).forEach((one) => this.add(one));
    }
  }

  private start(): void {
    this.started = true;
    for (const task of this.tasks.values()) this.begin(task);
  }

  private begin(task: BackgroundTask): void {
    const { name, role, when } = task.definition;
    if ((role === 'worker' && !this.role.worker) || !when()) return;
    // Counts from zero, because an alert on a series that does not exist yet cannot fire.
    for (const result of ['done', 'failed']) this.runs.inc({ task: name, result }, 0);
    task.start();
  }

  private count(task: string, result: TaskResult, seconds: number): void {
    this.runs.inc({ task, result });
    this.seconds.inc({ task }, seconds);
    this.duration.observe(seconds);
    if (result === 'done') this.lastSuccess.set({ task }, Date.now() / 1_000);
  }
}
