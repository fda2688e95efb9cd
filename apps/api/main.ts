import { requireNodeVersion } from '../cli/node-version.js';

// `node dist/apps/api/main.js` and `nest start --watch` run this: the same server as `deskwire serve`.
requireNodeVersion();
const { run } = await import('../cli/command-run.js');
await run({}, async () => (await import('../cli/serve.js')).serve());
