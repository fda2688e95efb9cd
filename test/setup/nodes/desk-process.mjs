// One node of the desk as a process of its own, with messages over IPC: { url } once it listens, { phase } during the
// start, { ready, applied } or { failed } at the end. Its environment is the app's.
import { Startup } from '#database';
import { startApp } from '../../../dist/apps/api/start-app.js';

const { app, url, ready, stop } = await startApp(process.env, JSON.parse(process.env.TEST_INTERNALS));
const startup = app.get(Startup);
process.send({ url });
let phase;
const watch = setInterval(() => {
  if (startup.phase !== phase) process.send({ phase: (phase = startup.phase) });
}, 2);
await ready.then(
  () =>
    process.send({
      ready: startup.steps.map((step) => step.phase),
      errors: startup.steps.map((step) => step.lastError).filter(Boolean),
    }),
  (error) => process.send({ failed: `${error.name}: ${error.message}` }),
);
clearInterval(watch);
process.once('disconnect', () => process.exit(0));
process.once('message', () => stop().then(() => process.exit(0)));
