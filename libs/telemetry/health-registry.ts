import { Injectable } from '@nestjs/common';

export type HealthStatus = 'up' | 'degraded' | 'down';

export interface HealthReport {
  status: HealthStatus;
  [detail: string]: unknown;
}

export interface HealthCheck {
  name: string;
  check: () => Promise<HealthReport> | HealthReport;
}

/** A check that does not answer in this time is down: /health itself must always answer. */
const CHECK_TIMEOUT_MS = 1_000;

/** What /health shows. Each lib registers its own check; none of them can hold up the others. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();

  register(check: HealthCheck): void {
    this.checks.set(check.name, check);
  }

  async report(): Promise<{ status: HealthStatus; checks: Record<string, HealthReport> }> {
    const entries = await Promise.all([...this.checks.values()].map(async (one) => [one.name, await bounded(one)] as const));
    const states = entries.map(([, report]) => report.status);
    const status = states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'up';
    return { status, checks: Object.fromEntries(entries) };
  }
}

async function bounded(one: HealthCheck): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthReport>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'down', error: `no answer within ${CHECK_TIMEOUT_MS} ms` }), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve(one.check()), late]);
  } catch (error) {
    return { status: 'down', error: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
