import { describeWithRedis } from '../setup/redis-server.js';
import { expectQuietRestarts, withLoadedCluster } from './rolling-restart.fixture.js';

describeWithRedis('two processes of a desk behind a balancer', () => {
  it('a rolling restart fails no request, brings the sockets back, and neither loses nor doubles a webhook', () =>
    withLoadedCluster({ sockets: 20, perSecond: 30 }, (loaded) =>
      expectQuietRestarts(loaded, { rounds: 1, requests: 100, sockets: 20 }),
    ));
});
