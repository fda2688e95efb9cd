import { Injectable, Logger } from '@nestjs/common';
import { withTimeout } from '#resilience';
import { withCorrelation } from '#telemetry';

export type HealthStatus = 'up' | 'degraded' | 'down';

export interface HealthReport {
  status: HealthStatus;
  [detail: string]: unknown;
}

export interface HealthCheck {
  name: string;
  check: () => Promise<HealthReport> | HealthReport;
}

export interface Health {
  status: HealthStatus;
  checks: Record<string, HealthReport>;
}

const logger = new Logger('Health');

/** A check without an answer after this time is down, so that /health answers within 1 s whatever hangs. */
const CHECK_TIMEOUT_MS = 800;

/** /health is public and called by many: one answer serves all of them for this time. */
const FRESH_MS = 250;

/** What /health shows. Each lib registers its own check; a slow check does not delay the others. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();
  /** Checks that have not answered in time. Another run would take one more connection of a pool that hangs. */
  private readonly hung = new Set<HealthCheck>();
  private last: { at: number; report: Promise<Health> } | undefined;

  register(check: HealthCheck): void {
    this.checks.set(check.name, check);
  }

  /** Runs every check at once; the status is the worst of theirs. Never rejects. */
  report(): Promise<Health> {
    const now = performance.now();
    if (!this.last || now - this.last.at > FRESH_MS) this.last = { at: now, report: this.ask() };
    return this.last.report;
  }

  private async ask(): Promise<Health> {
    const entries = await Promise.all(
      [...this.checks.values()].map(async (one) => [one.name, await this.bounded(one)] as const),
    );
    const states = entries.map(([, report]) => report.status);
    const status = states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'up';
    return { status, checks: Object.fromEntries(entries) };
  }

  private async bounded(one: HealthCheck): Promise<HealthReport> {
    const late: HealthReport = { status: 'down', error: `no answer within ${CHECK_TIMEOUT_MS} ms` };
    if (this.hung.has(one)) return late;
    try {
      // In a context of its own: concurrent checks would otherwise be one request with two connections.
      const report = withCorrelation(undefined, async () => one.check());
      return await withTimeout(report, CHECK_TIMEOUT_MS, () => {
        this.hung.add(one);
        const answered = () => void this.hung.delete(one);
        report.then(answered, answered);
        return late;
      });
    } catch (error) {
      // Not the message: it may name a host or a statement, and /health is public.
      logger.warn({ msg: `health check failed: ${one.name}`, err: error });
      return { status: 'down', error: 'the check failed; see the log' };
    }
  }
}
