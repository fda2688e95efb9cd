import { Inject, Injectable } from '@nestjs/common';
import { InjectThrottlerStorage } from '@nestjs/throttler';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { MEMORY, TRACKED } from './throttling.metrics.js';
import { ThrottlerMemory } from './throttler-memory.js';

/** Frees the memory of quiet clients, and shows health and metrics how near the limits are. */
@Injectable()
export class ThrottlingUpkeep {
  constructor(
    @InjectThrottlerStorage() private readonly memory: ThrottlerMemory,
    @Inject(throttlingConfig.token) private readonly config: ThrottlingConfig,
    @InjectMetric(TRACKED) private readonly tracked: Gauge,
    @InjectMetric(MEMORY) private readonly bytes: Gauge,
  ) {}

  /** How many clients of each class are tracked, for health. */
  usage(): ReturnType<ThrottlerMemory['usage']> {
    return this.memory.usage();
  }

  @Background({
    name: 'throttling-sweep',
    every: ({ config }: ThrottlingUpkeep) => Math.min(config.windowMs, 15_000),
    role: 'every-process',
    whenReadOnly: 'run',
  })
  sweep(): void {
    this.memory.sweep();
    for (const { name, tracked } of this.memory.usage()) this.tracked.set({ class: name }, tracked);
    this.bytes.set(this.memory.bytes);
  }
}
