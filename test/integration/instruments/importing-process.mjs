// A process of its own that imports a master whose rows it makes; with `pause`, the source stops after half of them.
import { InstrumentImporter, InstrumentsModule } from '../../../libs/instruments/index.js';
import { testModule } from '../../setup/test-module.js';

const { VICTIM_URL: url, VICTIM_ROWS: rows, VICTIM_PAUSE: pause } = process.env;
const desk = await testModule([InstrumentsModule], { database: { url, drop: () => Promise.resolve() } });

async function* master() {
  yield Buffer.from(
    'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n',
  );
  for (let at = 0; at < Number(rows); at += 1_000) {
    if (pause && at === Number(rows) / 2) {
      process.send('paused');
      await new Promise(() => undefined);
    }
    yield Buffer.from(
      Array.from(
        { length: 1_000 },
        (_, index) => `${1_000 + at + index},1,V${at + index},V,0,2026-08-25,1,0.05,1,CE,NFO-OPT,NFO\n`,
      ).join(''),
    );
  }
}

process.send('importing');
await desk.get(InstrumentImporter).import(master(), { broker: 'zerodha', source: 'victim', force: true });
process.send('imported');
