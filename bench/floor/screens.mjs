// The screens: sockets that apply nothing and only read which batch of quotes has reached them. The digits after the point
// of a price are the number of its batch.
// Told over IPC: { url, namespace, auths, subscribe }; then `start` and `report`.
import { once } from 'node:events';
import { io } from 'socket.io-client';

const [{ url, namespace, auths, subscribe }] = await once(process, 'message');
let measuring = false;
/** [batch, received at] of each screen and batch, by the wall clock in ms. */
let arrivals = [];
let bytes = 0;
const now = () => performance.timeOrigin + performance.now();

await Promise.all(
  auths.map(async (auth) => {
    const socket = io(`${url}${namespace}`, { auth, transports: ['websocket'], reconnection: false, forceNew: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
    if (subscribe !== undefined) {
      const ask = () => socket.timeout(60_000).emitWithAck('dashboard:subscribe', subscribe);
      let answer = await ask();
      // A desk that has just been filled may take longer for its first cut than a client waits.
      while (answer.code === 'DASHBOARD_NO_CUT_YET') {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        answer = await ask();
      }
      if (answer.code) throw new Error(`${answer.code}: ${answer.detail}`);
    }
    let newest = 0;
    socket.on('dashboard:delta', ({ patch }) => {
      if (!measuring) return;
      const at = now();
      for (const { path, value } of patch) {
        if (!path.startsWith('/panels/quotes/rows/') || !path.endsWith('/price')) continue;
        const batch = Number(value.split('.')[1]);
        if (batch <= newest) continue;
        newest = batch;
        arrivals.push([batch, at]);
      }
      bytes += patch.length;
    });
    socket.on('closing', ({ code }) => process.send({ closed: code }));
  }),
);
process.on('message', (message) => {
  if (message === 'start') [measuring, arrivals, bytes] = [true, [], 0];
  if (message === 'report') {
    measuring = false;
    process.send({ arrivals, operations: bytes });
  }
});
process.send({ connected: auths.length });
