import { eventually } from '../setup/eventually.js';
import { ReplicatedDesk } from './replicated-desk.fixture.js';

describe('deskwire verify of a desk with a secondary', () => {
  const desk = new ReplicatedDesk();
  beforeAll(() => desk.open());
  afterAll(() => desk.close());

  async function replication(): Promise<{ status: string; detail: string }> {
    const run = desk.deskwire(`verify --json --url ${desk.app.url}`);
    await run.exit;
    const { checks } = JSON.parse(run.stdout) as { checks: { check: string; status: string; detail: string }[] };
    return checks.find(({ check }) => check === 'replication')!;
  }

  it('verify fails before replication is set up, passes when the secondary follows, and fails while it is cut off', async () => {
    expect(await replication()).toMatchObject({ status: 'fail', detail: expect.stringContaining('replication setup') });
    await desk.replicate();
    await eventually(async () =>
      expect(await replication()).toMatchObject({ status: 'pass', detail: expect.stringMatching(/^\d+ s behind/) }),
    );
    await desk.primary.proxy.become('refuse');
    await eventually(async () =>
      expect(await replication()).toMatchObject({ status: 'fail', detail: expect.stringContaining('no subscriber') }),
    );
    await desk.primary.proxy.become('pass');
    await eventually(async () => expect((await replication()).status).toBe('pass'));
  });
});
