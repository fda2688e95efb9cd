import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { consoleMissing } from '../e2e/console-book.fixture.js';
import { snapshotOf } from '../e2e/portfolio-quotas.fixture.js';
import { eventually } from '../setup/eventually.js';
import { type Belongings, type Person, WalkDesk, Walker } from './walk.fixture.js';

/** More than a screen holds. */
const POSITIONS = 1_200;

/** Each list that a page saves, its rows, and a part of its header. */
const LISTS: readonly [path: string, file: string, rows: number | undefined, column: string][] = [
  ['/alerts?severity=critical', 'alerts.csv', 1, 'ruleName'],
  ['/alerts?severity=info', 'alerts.csv', 0, 'ruleName'],
  ['/rules', 'rules.csv', undefined, 'condition'],
  ['/deliveries?status=delivered', 'deliveries.csv', 1, 'endpointId'],
  ['/deliveries?status=dead', 'deliveries.csv', 0, 'endpointId'],
  ['/webhooks', 'webhooks.csv', 1, 'url'],
  ['/webhooks?webhook={webhook}&tab=log', 'webhook-log.csv', 1, 'status'],
  ['/portfolios', 'portfolios.csv', 2, 'portfolioId'],
  ['/portfolios?state=closed', 'portfolios.csv', 0, 'portfolioId'],
  ['/portfolios?tab=positions', 'positions.csv', POSITIONS + 1, 'dayPnl'],
  ['/portfolios?portfolio=large', 'positions-large.csv', POSITIONS, 'tradingsymbol'],
  ['/portfolios?portfolio={portfolio}', 'positions-book-admin.csv', 1, 'flags'],
  ['/instruments?q=ACME26AUG1002CE', 'instruments.csv', 1, 'tradingsymbol'],
  ['/instruments?tab=watchlist', 'watch-list.csv', 0, 'tradingsymbol'],
  ['/instruments?tab=imports', 'imports.csv', 1, 'inserted'],
  ['/instruments?tab=mappings', 'mappings.csv', 1, 'mapping'],
  ['/feeds', 'feeds.csv', 1, 'url'],
  ['/feeds?find=no-such-feed', 'feeds.csv', 0, 'url'],
  ['/filings', 'filings.csv', 0, 'accession'],
  ['/events?type=SpecWalkNews', 'events.csv', 1, 'payload'],
  ['/audit?action=user_added', 'audit.csv', undefined, 'action'],
  ['/users?role=admin', 'users.csv', 3, 'email'],
  ['/users?role=operator', 'users.csv', 0, 'email'],
];

(consoleMissing ? describe.skip : describe)(
  `the console's book, walked${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let broker: Server;
    let held: object[] = [];
    let desk: WalkDesk;
    let admin: Person & Belongings;
    let walker: Walker;

    beforeAll(async () => {
      broker = createServer((_request, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ status: 'success', data: { net: held, day: [] } })),
      );
      await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
      const host = `127.0.0.1:${(broker.address() as AddressInfo).port}`;
      desk = await WalkDesk.open({
        env: {
          EGRESS_ALLOW_HOSTS: host,
          PORTFOLIOS_BROKER_POSITIONS: `zerodha=kite http://${host}/portfolio/positions`,
          PORTFOLIOS_BROKER_AUTHORIZATION: 'zerodha=token KEY:{token}',
        },
      });
      await desk.furnish(await desk.app.login('admin'));
      admin = await desk.settle('admin');
      const positions = Array.from({ length: POSITIONS }, (_, n) => ({
        ...{ key: `K${n}`, quantity: '1', averagePrice: '90', lastPrice: '100' },
      }));
      await desk.send(admin, 'PUT', '/v1/portfolios/large/snapshot', snapshotOf('large', { positions }));
      walker = await Walker.of(desk, admin, '/');
    });
    afterAll(async () => {
      await desk?.close();
      broker?.close();
    });
    afterEach(() => expect(desk.browser.complaints.splice(0)).toEqual([]));

    it('each list is saved as CSV: every row of its filter, with the fields of the API', async () => {
      const wrong: unknown[] = [];
      for (const [path, file, rows, column] of LISTS) {
        await walker.go(path.replace(/\{(\w+)\}/, (_, name: keyof Belongings) => admin[name]));
        const { name, text } = await walker.download(walker.button('CSV')).catch((error: unknown) => {
          throw new Error(`${path}: ${String(error)}`);
        });
        const [header, ...lines] = text.trimEnd().split('\r\n');
        const found = [name, header!.split(',').includes(column), lines.length];
        const right = [file, true, rows ?? lines.length];
        if (JSON.stringify(found) !== JSON.stringify(right)) wrong.push([path, found, right]);
      }
      expect(wrong).toEqual([]);
    });

    it('the panels of the desk are dragged, resized, hidden and shown, over a reload, until they are restored', async () => {
      const { page } = walker;
      const names = async () =>
        page.locator('.desk-panel').evaluateAll((all) => all.map((panel) => panel.getAttribute('data-panel')));
      const panel = (name: string) => page.locator(`[data-panel=${name}]`);
      await walker.go('/');
      await panel('alerts').waitFor();
      // Tall, so that nothing scrolls away from under the pointer.
      await page.setViewportSize({ width: 1_440, height: 2_400 });
      const before = await names();
      // Not before the person arranges them.
      await panel('feeds').locator('h2').dragTo(panel('alerts').locator('h2'));
      expect(await names()).toEqual(before);
      await walker.button('Arrange').click();
      await panel('feeds').locator('h2').dragTo(panel('alerts').locator('h2'));
      const dragged = ['feeds', ...before.filter((name) => name !== 'feeds')];
      expect(await names()).toEqual(dragged);
      await walker.button('Make Feeds as wide as the page').click();
      await walker.button('Hide Webhooks').click();
      await walker.button('Done').click();
      await page.reload();
      await panel('feeds').locator('.table-row').waitFor();
      expect(await names()).toEqual(dragged.filter((name) => name !== 'webhooks'));
      expect(await panel('feeds').getAttribute('data-wide')).toBe('true');
      await walker.button('Arrange').click();
      await walker.button('Webhooks').click();
      await panel('webhooks').waitFor();
      await walker.button('Restore the arrangement').click();
      await page.reload();
      await panel('alerts').waitFor();
      expect(await names()).toEqual(before);
      await page.setViewportSize({ width: 1_440, height: 900 });
    });

    it('a portfolio is compared with its broker: without a session, with differences, and in agreement', async () => {
      const { portfolio } = admin;
      const compare = () => walker.button('Compare with the broker').click();
      await walker.go(`/portfolios?portfolio=${portfolio}`);
      await compare();
      await walker.dialog().getByText('The broker gave no positions').waitFor();
      await walker.page.keyboard.press('Escape');
      desk.browser.complaints.splice(0); // The refusal appears as a failed request.
      const session = { broker: 'zerodha', account: `A-${portfolio}`, loginMethod: 'totp' };
      const tokens = { accessToken: 'the-access-token-of-the-session', feedToken: 'the-feed-token-of-the-session' };
      await desk.send(admin, 'PUT', '/v1/sessions', { ...session, ...tokens, expiresAt: '2199-01-01T00:00:00Z' });
      held = [kitePosition(1000, 12), kitePosition(1001, 3)];
      await compare();
      await walker.dialog().getByText('2 differences').waitFor();
      const rows = await walker.dialog().locator('tbody tr').allTextContents();
      expect(rows).toEqual([
        expect.stringMatching(/^1000.*Another quantity.*10.*12.*2$/),
        expect.stringMatching(/^1001.*The broker has it, the snapshot does not.*3/),
      ]);
      await walker.page.keyboard.press('Escape');
      held = [kitePosition(1000, 10)];
      await compare();
      await walker.dialog().getByText('agrees', { exact: true }).waitFor();
      await walker.dialog().getByText('1 positions agree').waitFor();
      await walker.page.keyboard.press('Escape');
      // The desk shows the session and none of its tokens.
      await walker.go('/');
      await walker.page.locator('[data-panel=sessions] .table-row', { hasText: 'zerodha' }).waitFor();
      const shown = await walker.page.content();
      for (const token of Object.values(tokens)) expect(shown).not.toContain(token);
    });

    it('selected contracts are followed at once by keyboard, the choice is undone, and one is followed no more', async () => {
      const { page } = walker;
      await walker.go('/instruments?q=ACME');
      await walker.row('ACME26AUG1000CE').waitFor();
      await walker.row('ACME26AUG1000CE').focus();
      for (const key of ['Space', 'j', 'Space', 'j', 'Space']) await page.keyboard.press(key);
      await walker.button('Follow 3 contracts').click();
      await walker.told('You follow 3 more contracts.');
      await eventually(async () => expect((await desk.send(admin, 'GET', '/v1/watchlist')).items).toHaveLength(3));
      expect(await walker.button(/^Follow \d contracts$/).count()).toBe(0);
      await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
      await eventually(async () => expect((await desk.send(admin, 'GET', '/v1/watchlist')).items).toEqual([]));
      await page.getByLabel('Select all loaded rows').check();
      await walker.button('Follow 4 contracts').click();
      await page.getByRole('tab', { name: 'Watch list' }).click();
      await walker.row('ACME26AUG1003CE').waitFor();
      await walker.button('Stop following ACME26AUG1003CE').click();
      await walker.row('ACME26AUG1003CE').waitFor({ state: 'detached' });
      const saved = await walker.download(walker.button('CSV'));
      expect(saved.text.trimEnd().split('\r\n')).toHaveLength(4);
    });

    it('the page System shows the use of every pool of connections', async () => {
      await walker.go('/system');
      const meters = walker.page.getByRole('meter', { name: /^Connections of the pool/ });
      await meters.first().waitFor();
      const names = await meters.evaluateAll((all) => all.map((meter) => meter.getAttribute('aria-label')));
      expect(names).toEqual(['app', 'analytics', 'cut'].map((name) => `Connections of the pool ${name} in use`));
    });

    describe('a long form', () => {
      const restored = () => walker.page.getByText('Your unsaved changes are here again');
      const kept = () => walker.page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })');

      it.each([
        [
          'feed',
          '/feeds?add=true',
          { Name: 'Half a feed', 'Seconds between cycles': '77' },
          { Address: 'https://example.com/a' },
        ],
        ['changed feed', '/feeds', { Name: 'Half a name' }, {}],
        ['webhook', '/webhooks?add=true', { Name: 'Half a hook' }, { URL: 'https://hooks.example.com/T0/a' }],
        ['changed webhook', '/webhooks?webhook={webhook}&edit=true', { Name: 'Half a change' }, {}],
        ['silence', '/alerts', { Reason: 'half a reason' }, {}],
        ['mapping', '/instruments?tab=mappings&add=true', { Broker: 'half', Mapping: '{"key": [' }, {}],
        ['master', '/instruments?tab=imports&add=true', { Broker: 'zero', Mapping: 'kite' }, {}],
        ['import', '/portfolios?add=true', { Portfolio: 'half' }, {}],
      ] as const)(
        'a %s that is half written survives a reload, and is forgotten when it is closed',
        async (what, path, fields, never) => {
          const { page } = walker;
          await walker.go(path.replace('{webhook}', admin.webhook));
          if (what === 'changed feed' || what === 'silence') {
            await page.locator('main .table-row').first().click();
            await walker.inDialog(what === 'silence' ? 'Silence' : 'Edit').click();
          }
          for (const [label, value] of Object.entries({ ...fields, ...never }))
            await walker.dialog().getByLabel(label, { exact: true }).fill(value);
          await page.reload();
          await restored().waitFor();
          for (const [label, value] of Object.entries(fields))
            expect(await walker.dialog().getByLabel(label, { exact: true }).inputValue()).toBe(value);
          for (const [label, value] of Object.entries(never)) {
            expect(await walker.dialog().getByLabel(label, { exact: true }).inputValue()).toBe('');
            expect(await kept()).not.toContain(value);
          }
          await walker.inDialog('Discard them').click();
          expect(await walker.dialog().getByLabel(Object.keys(fields)[0]!, { exact: true }).inputValue()).not.toBe(
            Object.values(fields)[0],
          );
          await walker.dialog().getByLabel(Object.keys(fields)[0]!, { exact: true }).fill(Object.values(fields)[0]!);
          await walker.inDialog('Cancel').click();
          expect(await kept()).not.toContain('deskwire.draft');
        },
      );

      it('headers, user names and passwords of a webhook and headers of a feed are kept nowhere', async () => {
        const { page } = walker;
        await walker.go('/webhooks?add=true');
        await walker.dialog().getByText('Limits and headers').click();
        const secrets = { Headers: 'X-Api-Key: the-key', 'User name': 'the-user', Password: 'the-password' };
        for (const [label, value] of Object.entries({ ...secrets, Name: 'Half a hook' }))
          await walker.dialog().getByLabel(label, { exact: true }).fill(value);
        for (const part of ['the-key', 'the-user', 'the-password']) expect(await kept()).not.toContain(part);
        await page.reload();
        await restored().waitFor();
        await walker.dialog().getByText('Limits and headers').click();
        for (const label of Object.keys(secrets))
          expect(await walker.dialog().getByLabel(label, { exact: true }).inputValue()).toBe('');
        await walker.inDialog('Cancel').click();
        await walker.go('/feeds?add=true');
        await walker.dialog().getByText('More', { exact: true }).click();
        await walker.dialog().getByLabel('Headers').fill('Authorization: the-feed-key');
        await walker.dialog().getByLabel('Name').fill('Half a feed');
        expect(await kept()).toContain('Half a feed');
        expect(await kept()).not.toContain('the-feed-key');
        await walker.inDialog('Cancel').click();
      });
    });
  },
);

/** A position as Kite lists it. */
function kitePosition(token: number, quantity: number): object {
  const amounts = ['buy', 'sell', 'day_buy', 'day_sell'].flatMap((side) =>
    ['quantity', 'price', 'value'].map((figure) => [
      `${side}_${figure}`,
      side === 'buy' && figure === 'quantity' ? quantity : 0,
    ]),
  );
  return {
    ...{ tradingsymbol: `S${token}`, exchange: 'NSE', instrument_token: token, product: 'CNC', multiplier: 1 },
    ...{ quantity, overnight_quantity: quantity, average_price: 90, close_price: 100, last_price: 100.25 },
    ...{ value: 0, pnl: 0, m2m: 0, unrealised: 0, realised: 0 },
    ...Object.fromEntries(amounts),
  };
}
