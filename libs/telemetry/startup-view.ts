import { Injectable } from '@nestjs/common';

export interface StartupState {
  phase: string;
  steps: readonly unknown[];
  pendingMigrations?: readonly string[];
}

/** What /health/startup shows. The database lib, which knows the start and stands above this one, hands its view in. */
@Injectable()
export class StartupView {
  private source: () => StartupState = () => ({ phase: 'connect', steps: [] });

  from(source: () => StartupState): void {
    this.source = source;
  }

  read(): StartupState {
    return this.source();
  }
}
