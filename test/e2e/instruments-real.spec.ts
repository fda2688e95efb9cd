import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestApp } from '../setup/test-app.js';
import { describeWithRealMasters, realMasters } from '../integration/instruments/masters.fixture.js';

describeWithRealMasters('a real master over HTTP', () => {
  it('two days of a real master are imported to the row, and search finds a moved symbol', async () => {
    const desk = await startTestApp();
    const { token } = await desk.login('operator');
    // Forced, because on a later day no contract of these files expires soon.
    const post = (file: string) =>
      desk.request('POST', '/v1/instruments/imports?broker=zerodha&force=true', {
        token,
        body: readFileSync(join(realMasters!, file)),
        headers: { 'content-type': 'application/gzip' },
      });
    expect((await post('kite_fno_2026-08_day1.csv.gz')).body).toMatchObject({ inserted: 34_764 });
    expect((await post('kite_fno_2026-08_day2.csv.gz')).body).toMatchObject({
      inserted: 5_177,
      updated: 74,
      unchanged: 34_690,
      delisted: 0,
      quarantined: 0,
    });
    const { body } = await desk.request('GET', '/v1/instruments?query=HINDPETRO26AUG420.75CE', { token });
    expect(body.items[0]).toMatchObject({ tradingsymbol: 'HINDPETRO26AUG420.75CE', strike: '420.75' });
    await desk.close();
  });
});
