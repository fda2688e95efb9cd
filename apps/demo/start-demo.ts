import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Database } from '#database';
import { withCorrelation } from '#telemetry';
import { DemoAlerting } from './demo-alerting.js';
import type { DemoLogin, DemoPasswords } from './demo-accounts.js';
import { DemoDesk } from './demo-desk.js';
import { DemoDriver } from './demo-driver.js';
import { DemoLock } from './demo-lock.js';
import { DemoWire } from './demo-wire.js';

export interface RunningDemo {
  logins: DemoLogin[];
  stop(): Promise<void>;
}

/** Creates the demo users, then loads and runs the demo in the background. @returns undefined if another process runs it on this database */
export async function startDemo(
  context: INestApplicationContext,
  passwords: DemoPasswords,
  databaseUrl: string,
): Promise<RunningDemo | undefined> {
  const lock = new DemoLock(databaseUrl);
  if (!(await lock.take())) return undefined;
  const logger = new Logger('Demo');
  const wire = await DemoWire.open(({ id, verified, title }) => {
    if (verified) logger.log({ msg: `webhook received, signature verified: ${title}`, webhookId: id });
    else logger.warn({ msg: 'webhook refused: its signature does not verify', webhookId: id });
  });
  const alerting = new DemoAlerting(context, wire);
  const desk = new DemoDesk(context, alerting);
  try {
    const logins = await withCorrelation(undefined, () => desk.openAccounts(passwords));
    const database = context.get(Database, { strict: false });
    const driver = new DemoDriver(desk, lock, () => database.readOnly);
    driver.start();
    const stop = async () => {
      await driver.stop();
      await alerting.close();
    };
    return { logins, stop };
  } catch (error) {
    await alerting.close();
    await lock.release();
    throw error;
  }
}
