import { Injectable } from '@nestjs/common';

/** Why the process should get no traffic; null when it should. */
export type ReadinessCondition = () => string | null;

/** Whether a load balancer should send requests here. */
@Injectable()
export class Readiness {
  private readonly conditions = new Map<string, ReadinessCondition>();
  private draining = false;

  addCondition(name: string, condition: ReadinessCondition): void {
    this.conditions.set(name, condition);
  }

  /** From now on, for ever: the process is going away. */
  drain(): void {
    this.draining = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** Every reason not to be ready, by name; empty when ready. */
  reasons(): Record<string, string> {
    const reasons: Record<string, string> = this.draining ? { shutdown: 'draining' } : {};
    for (const [name, condition] of this.conditions) {
      const reason = condition();
      if (reason !== null) reasons[name] = reason;
    }
    return reasons;
  }
}
