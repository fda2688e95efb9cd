import { Injectable, Logger } from '@nestjs/common';
import type { BreakerTransition, BreakerView } from './policy.js';

const logger = new Logger('Breakers');

/** All circuit breakers of the process, and the listeners of their transitions. */
@Injectable()
export class Breakers {
  private readonly views = new Map<string, () => BreakerView>();
  private readonly listeners = new Set<(transition: BreakerTransition) => void>();

  /** By name. */
  list(): BreakerView[] {
    return [...this.views.values()].map((view) => view()).sort((a, b) => a.name.localeCompare(b.name));
  }

  /**
   * Calls the listener after each transition. An error of a listener is logged and does not affect the others.
   * @returns a function that removes the listener
   */
  onTransition(listener: (transition: BreakerTransition) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** For Policies. */
  watch(name: string, view: () => BreakerView): void {
    this.views.set(name, view);
  }

  /** For Policies. */
  forget(name: string): void {
    this.views.delete(name);
  }

  /** For Policies. */
  moved(transition: BreakerTransition): void {
    logger[transition.to === 'open' ? 'warn' : 'log']({
      msg: `breaker ${transition.to}`,
      name: transition.name,
      reason: transition.reason,
    });
    for (const listener of this.listeners) {
      try {
        listener(transition);
      } catch (error) {
        logger.error({ msg: 'a listener of breakers failed', err: error });
      }
    }
  }
}
