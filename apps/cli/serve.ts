import type { ApiConfig } from '../api/api.config.js';
import { configSlices } from '../api/config-slices.js';
import { collectRarely } from '../api/heap-growth.js';
import type { RunningApp } from '../api/start-app.js';
import type { DemoLogin } from '../demo/demo-accounts.js';
import type { RunningDemo } from '../demo/start-demo.js';
import { CliError } from './cli-error.js';
import { type DeskDatabase, openForServer } from './desk-database.js';
import { checkedTree, type DeskEnvironment, readEnvironment } from './environment.js';
import { ExitCode } from './exit-code.js';
import { listenFailure } from './listen-failure.js';
import { StopRequest } from './stop-request.js';
import { welcome } from './welcome.js';

/** Runs the whole desk until a signal stops it. Then stops what was started, in reverse order. */
export async function serve(): Promise<void> {
  collectRarely();
  const environment = readEnvironment(configSlices);
  const api = checkedTree(configSlices, environment)['api'] as ApiConfig;
  const stop = new StopRequest();
  // Loaded while PostgreSQL starts, which saves 0.5 s.
  const code = import('../api/start-app.js');
  code.catch(() => undefined);
  const database = await openForServer(environment).catch((error: unknown) => {
    if (!stop.made) throw error;
    return undefined; // Ctrl-C reaches initdb too: its death is no failure of ours
  });
  if (!database) return stop.forget();
  const end = Promise.race([stop.promise, refuseToGoOn(database)]);
  end.catch(() => undefined);
  let running: RunningApp | undefined;
  let demo: { stop(): Promise<void> } | undefined;
  try {
    if (stop.made) return;
    for (const note of database.notes) console.log(note);
    const { startApp } = await code;
    running = await startApp({ ...environment.values, DATABASE_URL: database.url }).catch((error: unknown) => {
      throw listenFailure(error, api) ?? error;
    });
    database.announce(running.url);
    if ((await Promise.race([running.ready, end])) !== undefined || stop.made) return;
    demo = await greet(environment, api, database, running);
    await end;
  } finally {
    await demo?.stop();
    await running?.stop();
    await database.close();
    stop.forget();
  }
}

/** Fails when the database is lost. The desk would answer 503 from then on, so its supervisor must see it end. */
async function refuseToGoOn({ lost }: DeskDatabase): Promise<never> {
  const why = await lost;
  throw new CliError(
    `The embedded PostgreSQL ended and could not be started again, so the desk stops.\n${why.message}`,
    ExitCode.unavailable,
  );
}

async function greet(
  environment: DeskEnvironment,
  api: ApiConfig,
  database: DeskDatabase,
  { app, url }: RunningApp,
): Promise<{ stop(): Promise<void> } | undefined> {
  const { FirstAdmin } = await import('#auth');
  const { databaseConfig } = await import('#database/config');
  const { readOnly } = app.get<{ readOnly: boolean }>(databaseConfig.token);
  const admin = app.get(FirstAdmin, { strict: false }).take();
  // Of several processes only one runs the demo, and workers never do.
  const wanted =
    environment.values['DESKWIRE_ROLE'] !== 'worker' &&
    (api.demo ?? (database.embedded && api.nodeEnv === 'development'));
  let logins: readonly DemoLogin[] = [];
  let demo: RunningDemo | undefined;
  if (wanted && !readOnly) {
    const { startDemo } = await import('../demo/start-demo.js');
    const { demoPasswords } = await import('./demo-passwords.js');
    demo = await startDemo(app, demoPasswords(environment.home), database.url);
    logins = demo?.logins ?? [];
  }
  console.log(
    welcome({
      url,
      home: environment.home.path,
      databaseUrl: database.url,
      embedded: database.embedded,
      production: environment.production,
      admin,
      logins,
    }),
  );
  return demo;
}
