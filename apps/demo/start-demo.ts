import type { INestApplicationContext } from '@nestjs/common';
import { Database } from '#database';
import { withCorrelation } from '#telemetry';
import type { DemoLogin, DemoPasswords } from './demo-accounts.js';
import { DemoDesk } from './demo-desk.js';
import { DemoDriver } from './demo-driver.js';
import { DemoLock } from './demo-lock.js';

export interface RunningDemo {
  logins: DemoLogin[];
  stop(): Promise<void>;
}

/** Opens the demo's accounts, and loads and moves its desk in the background. @returns undefined if another process of this database moves it already */
export async function startDemo(context: INestApplicationContext, passwords: DemoPasswords, databaseUrl: string): Promise<RunningDemo | undefined> {
  const lock = new DemoLock(databaseUrl);
  if (!(await lock.take())) return undefined;
  const desk = new DemoDesk(context);
  try {
    const logins = await withCorrelation(undefined, () => desk.openAccounts(passwords));
    const database = context.get(Database, { strict: false });
    const driver = new DemoDriver(desk, lock, () => database.readOnly);
    driver.start();
    return { logins, stop: () => driver.stop() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
