import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { HealthRegistry } from '#system';
import { startApp } from '../../apps/api/start-app.js';
import { eventually } from '../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';

const CLIENTS = 50;

function ask(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().once('end', () => resolve(response));
    }).once('error', reject);
  });
}

describe('A shutdown under 50 keep-alive clients', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it('a shutdown under load fails no request, answers late ones, and ends', async () => {
    const running = await startApp(testEnvironment(database.url, { SHUTDOWN_TIMEOUT: '60s' }));
    await running.ready;
    // A real route that takes some time, without the checks, which a busy machine may not end in time.
    running.app.get(HealthRegistry).report = () => pause(400).then(() => ({ status: 'up', checks: {} }));
    const failures: unknown[] = [];
    let answered = 0;
    const clients = Array.from({ length: CLIENTS }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        try {
          const response = await ask(`${running.url}/health`, agent);
          answered++;
          if (response.statusCode !== 200) failures.push(response.statusCode);
          // Told to close the connection. A real client would use another node.
          if (response.headers.connection === 'close') break;
        } catch (error) {
          failures.push(error);
          break;
        }
      }
      agent.destroy();
    });
    await eventually(() => expect(answered).toBeGreaterThanOrEqual(CLIENTS));
    const stopped = running.stop();
    const newcomer = new Agent({ keepAlive: true });
    const ready = await ask(`${running.url}/health/ready`, newcomer);
    expect([ready.statusCode, ready.headers.connection]).toEqual([503, 'close']);
    await Promise.all(clients);
    await stopped;
    expect(failures).toEqual([]);
    await expect(ask(`${running.url}/health/live`, new Agent())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
