import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';
import { buildIfStale } from '../setup/build-if-stale.js';
import { DeskFolder } from './desk-process.fixture.js';

describe('`node dist/apps/api/main.js`', () => {
  let database: TestDatabase;
  let folder: DeskFolder;

  beforeAll(async () => {
    buildIfStale();
    database = await createTestDatabase();
    folder = new DeskFolder();
  });

  afterAll(async () => {
    folder.remove();
    await database.drop();
  });

  it('`node dist/apps/api/main.js` serves the desk, answers /health/live and exits 0 on SIGTERM', async () => {
    const desk = folder.apiMain(testEnvironment(database.url) as Record<string, string>);
    const url = await desk.ready();
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    desk.kill('SIGTERM');
    expect(await desk.exit).toBe(0);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('exits 78 with a table of the wrong settings, as `deskwire serve` does', async () => {
    const desk = folder.apiMain({ ...(testEnvironment(database.url) as Record<string, string>), PORT: 'eighty' });
    expect(await desk.exit).toBe(78);
    expect(desk.stderr).toContain('PORT');
  });
});
