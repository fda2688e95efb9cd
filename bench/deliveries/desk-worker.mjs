// A worker process of Deskwire.
import { startDesk } from './desk.mjs';

process.on('disconnect', () => process.exit());
await startDesk('worker');
process.send('ready');
