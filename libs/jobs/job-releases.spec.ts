import pg from 'pg';
import { JobReleases } from './job-releases.js';

describe('releases of jobs', () => {
  it('are not repeated after the end', async () => {
    const givenUp: unknown[] = [];
    const releases = new JobReleases(new pg.Pool(), (error) => givenUp.push(error));
    const lost = new Error('the connection is lost');
    let attempts = 0;
    const repeating = releases.repeat(() => {
      attempts += 1;
      return Promise.reject(lost);
    });
    await releases.finish(1);
    await repeating;
    expect({ attempts, givenUp }).toEqual({ attempts: 1, givenUp: [lost] });
  });

  it('are tried once after the end, and told if they fail', async () => {
    const givenUp: unknown[] = [];
    const releases = new JobReleases(new pg.Pool(), (error) => givenUp.push(error));
    await releases.finish(1);
    const ended = new Error('the pool has ended');
    await releases.repeat(() => Promise.reject(ended));
    expect(givenUp).toEqual([ended]);
  });
});
