import { jest } from '@jest/globals';
import { dashboardConfig } from '#dashboard';
import { Transactions } from '#database';
import { HttpModule } from '#http';
import { PortfoliosPanel } from '#portfolios';
import { dashboardModule } from '../../../apps/api/panels.js';
import { CutReader } from '../../../libs/dashboard/cuts/cut-reader.service.js';
import { PanelSet } from '../../../libs/dashboard/cuts/panel-set.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

describe('the reader of cuts', () => {
  let desk: TestModule;
  beforeAll(async () => {
    desk = await testModule([HttpModule, dashboardModule], { internals: [dashboardConfig.with({ recheckMs: -1 })] });
  });
  afterAll(() => desk.close());

  it('checks one part of a large panel for each cut, and a panel of one part once in a round', async () => {
    const looks: string[] = [];
    const { all } = desk.get(PanelSet);
    for (const panel of all)
      jest
        .spyOn(panel, 'isCurrent')
        .mockImplementation((_state, _loaded, part) => Promise.resolve(looks.push(`${panel.name} ${part}`) > 0));
    jest.spyOn(desk.get(PortfoliosPanel), 'partsOf').mockReturnValue(4);
    const [reader, parts] = [desk.get(CutReader), [] as string[][]];
    try {
      let cut = await reader.full();
      for (let step = 0; step < 8; step++) {
        cut = await reader.forward(cut);
        parts.push(looks.splice(0));
      }
    } finally {
      jest.restoreAllMocks();
    }
    const others = all.map(({ name }) => name).filter((name) => name !== 'portfolios');
    const round = [...others.map((name) => `${name} 0`), ...[0, 1, 2, 3].map((part) => `portfolios ${part}`)];
    for (const half of [parts.slice(0, 4), parts.slice(4)]) expect(half.flat().toSorted()).toEqual(round.toSorted());
    expect(parts.map((each) => each.filter((look) => look.startsWith('portfolios')))).toEqual(
      [0, 1, 2, 3, 0, 1, 2, 3].map((part) => [`portfolios ${part}`]),
    );
  });

  it('has a cut before the server has answered COMMIT', async () => {
    const transactions = desk.get<Transactions>(Transactions);
    const committed = jest.spyOn(transactions, 'cutSnapshot');
    const order: string[] = [];
    try {
      const reading = desk.get<CutReader>(CutReader).full();
      const whole = (committed.mock.results[0]!.value as Promise<unknown>).then(() => order.push('committed'));
      await reading;
      order.push('cut');
      await whole;
    } finally {
      jest.restoreAllMocks();
    }
    expect(order).toEqual(['cut', 'committed']);
  });
});
