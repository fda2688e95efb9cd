import { eventually } from '../setup/eventually.js';
import { ReplicatedDesk } from './replicated-desk.fixture.js';

describe('a planned promotion', () => {
  const desk = new ReplicatedDesk();

  beforeAll(async () => {
    await desk.open();
    await desk.replicate();
  });
  afterAll(() => desk.close());

  it('a promotion waits for the last write of the primary, which then refuses writes', async () => {
    const { token } = desk.secrets;
    const write = (name: string) =>
      desk.app.request('POST', '/v1/auth/api-keys', { token, body: { name, roles: ['viewer'] } });
    await desk.deskwire(`secrets export --sealed ${desk.exportFile} --json`).json();
    // The secondary is behind when the promotion begins.
    await desk.primary.proxy.become('hang');
    const last = await write('last');
    expect(last.status).toBe(201);
    const promotion = desk.deskwire(`replication promote --secrets ${desk.exportFile} --json`).json();
    await eventually(async () => expect((await write('refused')).status).toBe(503));
    await desk.primary.proxy.become('pass');
    expect((await promotion).paused).toEqual([]);
    expect(await desk.secondary.rows(`SELECT FROM api_keys WHERE id = '${last.body.id}'`)).toHaveLength(1);
    expect((await write('refused')).status).toBe(503);
    expect(await desk.primary.rows('SELECT FROM pg_replication_slots')).toEqual([]);
    const again = desk.deskwire(`replication promote --secrets ${desk.exportFile}`);
    expect(await again.exit).toBe(1);
    expect(again.stderr).toContain('no secondary');
  });
});
