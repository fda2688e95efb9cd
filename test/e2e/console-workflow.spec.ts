import { Transactions } from '#database';
import { Filings } from '#filings';
import { eventually } from '../setup/eventually.js';
import { consoleMissing } from './console-book.fixture.js';
import { ConsoleNews, TRACE, WorkflowDesk } from './console-workflow.fixture.js';

(consoleMissing ? describe.skip : describe)(
  `the console's workflow${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let desk: WorkflowDesk;
    beforeAll(async () => {
      desk = await WorkflowDesk.open();
    });
    afterAll(() => desk?.close());
    afterEach(() => expect(desk.browser.complaints.splice(0)).toEqual([]));

    it('each empty page says the next step', async () => {
      for (const [path, next] of [
        ['/alerts', 'Write a rule that raises one'],
        ['/deliveries', 'Add a webhook that receives alerts'],
        ['/filings', 'Add a feed of EDGAR'],
        ['/webhooks', 'Add the first webhook'],
      ] as const) {
        await desk.go(path);
        await desk.page.getByText(next).waitFor();
      }
    });

    it('an operator adds a webhook, sees its secret once, and a test message arrives', async () => {
      await desk.button('Add the first webhook').click();
      await desk.dialog().getByLabel('URL').fill('http://nowhere.internal/');
      await desk.inDialog('Add webhook').click();
      await desk.dialog().locator('.field-error', { hasText: /./ }).first().waitFor();
      await desk.dialog().getByLabel('URL').fill(desk.receiver.url);
      await desk.dialog().getByLabel('Name', { exact: true }).fill('Spec receiver');
      await desk.inDialog('Add webhook').click();
      const secret = await desk.dialog().locator('.once-shown').textContent();
      expect(secret).toMatch(/^whsec_/);
      desk.receiver.secrets = [secret!];
      await desk.inDialog('I have stored it').click();
      await desk.page.getByRole('heading', { name: 'Spec receiver' }).waitFor();
      expect(await desk.page.content()).not.toContain(secret);
      await desk.button('Send a test').click();
      await desk.dialog().getByText('The test message arrived').waitFor();
      expect(desk.receiver.receipts.at(-1)!.verified).toBe(true);
      await desk.inDialog('Close').last().click();
      desk.browser.complaints.splice(0); // The refused URL appears as a failed request.
    });

    it('the builder and the JSON write one rule, which a dry run tries on past events', async () => {
      await desk.record('Dry halted');
      await desk.go('/rules?rule=new');
      await desk.page.getByLabel('Name').fill('Console halts');
      await desk.page.getByLabel('Event type').selectOption(ConsoleNews.type);
      await desk.button('Add a test').click();
      const second = desk.page.getByRole('group', { name: 'part 2' });
      await second.getByLabel('Field').fill('payload.title');
      await second.getByLabel('Operator').selectOption('contains');
      await second.getByLabel('Text').fill('halted');
      await desk.page.getByLabel('Spec receiver (generic)').check();
      const json = desk.page.getByLabel('JSON');
      expect(JSON.parse(await json.inputValue())).toMatchObject({
        name: 'Console halts',
        channels: [expect.any(String)],
      });
      await json.fill((await json.inputValue()).replace('"warning"', '"loud"'));
      await desk.page.getByText('one of info, warning, critical').waitFor();
      expect(await desk.button('Create rule').isDisabled()).toBe(true);
      await json.fill((await json.inputValue()).replace('"loud"', '"critical"'));
      expect(await desk.page.getByLabel('Severity').inputValue()).toBe('critical');

      await desk.page.getByLabel(/Messages wait during quiet hours/).check();
      const hour = desk.page.locator('[data-cell="0-22"]');
      expect(await hour.getAttribute('data-coverage')).toBe('all');
      await hour.focus();
      await desk.page.keyboard.press('ArrowUp');
      await desk.page.keyboard.press('Space');
      expect(JSON.parse(await json.inputValue()).quietHours.windows).toHaveLength(2);
      await desk.page.getByLabel(/Count equal matches/).check();
      await desk.page.reload();
      await desk.page.getByText('Your unsaved changes are here again').waitFor();
      await desk.button('Run').click();
      await desk.page.getByText(/^1 of \d+ events match/).waitFor();
      await desk.page.locator('.trial summary', { hasText: 'Dry halted' }).first().click();
      await desk.page.getByRole('tab', { name: 'generic' }).click();
      await desk.page.getByLabel('Message as generic').filter({ hasText: 'Dry halted' }).waitFor();
      await desk.button('Create rule').click();
      await desk.told('Rule saved');
      await desk.page.getByRole('heading', { name: 'Console halts' }).waitFor();
      const [rule] = (await desk.read('/v1/alert-rules')).items.filter(
        ({ name }: { name: string }) => name === 'Console halts',
      );
      expect(rule).toMatchObject({ severity: 'critical', enabled: true, dedupe: { windowSeconds: 300 } });
    });

    it('an operator acknowledges alerts by keyboard, one and many, and sees the attempts of the webhook', async () => {
      await desk.record('First halted', 'Second halted', 'Third halted');
      await desk.go('/alerts');
      await desk.row('Third halted').waitFor();
      await desk.page.keyboard.press('j');
      await desk.page.keyboard.press('a');
      await desk.page.locator('tr.table-row:focus', { hasText: 'done' }).waitFor();
      await desk.told('Alert acknowledged');
      for (const key of ['j', 'x', 'j', 'x', 'a']) await desk.page.keyboard.press(key);
      await desk.told('2 alerts acknowledged');
      await eventually(async () => expect((await desk.read('/v1/alerts?acknowledged=false')).items).toEqual([]));
      await desk.page.keyboard.press('Enter');
      await desk.dialog().getByText('Attempt 1').waitFor();
      await desk.dialog().getByText('SpecConsoleNews, version 1').waitFor();
      await desk.page.keyboard.press('Escape');
    });

    it('an acknowledgement shows at once, and a refused one shows the earlier state and the correlation id', async () => {
      await desk.record('Refused halted');
      await desk.row('Refused halted').waitFor();
      const refusal = { code: 'ALERTS_NOT_FOUND', status: 404, detail: 'Refused.', correlationId: 'spec-refused' };
      let refuse!: () => void;
      const held = new Promise<void>((resolve) => (refuse = resolve));
      await desk.page.route('**/v1/alerts/acknowledge', async (route) => {
        await held;
        await route.fulfill({ status: 404, contentType: 'application/problem+json', body: JSON.stringify(refusal) });
      });
      await desk.row('Refused halted').focus();
      await desk.page.keyboard.press('a');
      await desk.row('Refused halted').filter({ hasText: 'done' }).waitFor();
      refuse();
      await desk.row('Refused halted').filter({ hasText: 'open' }).waitFor();
      await desk.told('spec-refused');
      await desk.page.unroute('**/v1/alerts/acknowledge');
      expect(desk.browser.complaints.splice(0)).toEqual([expect.stringContaining('404')]);
    });

    it('a list that cannot be refreshed keeps its rows and says why, until it can', async () => {
      const notice = desk.page.getByText('These rows are of an earlier answer: Not now.');
      const list = /\/v1\/alerts(\?|$)/;
      const problem = { code: 'REQUEST_INVALID', status: 400, detail: 'Not now.', correlationId: 'spec-refresh' };
      await desk.page.route(list, (route) =>
        route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
      );
      await desk.record('Early halted');
      await notice.waitFor();
      expect(await desk.row('Refused halted').count()).toBe(1);
      await desk.page.unroute(list);
      await desk.record('Later halted');
      await desk.row('Later halted').waitFor();
      await notice.waitFor({ state: 'detached' });
      expect(desk.browser.complaints.splice(0)).toContainEqual(expect.stringContaining('400'));
    });

    it('a filter is in the address, and back removes it', async () => {
      await desk.button('warning').click();
      await desk.page.getByText('No alert matches these filters').waitFor();
      expect(desk.parameter('severity')).toEqual(['warning']);
      await desk.page.goBack();
      await desk.row('First halted').waitFor();
      expect(desk.parameter('severity')).toEqual([]);
      await desk.go('/alerts?severity=critical&ticker=ACME&acknowledged=true');
      await desk.row('First halted').waitFor();
      expect(await desk.button('critical').getAttribute('aria-pressed')).toBe('true');
    });

    it('a silence stops messages, is shown with its reason, and ends', async () => {
      await desk.row('First halted').click();
      await desk.inDialog('Silence').click();
      await desk.dialog().getByLabel('Which alerts').selectOption({ label: 'Ticker: ACME' });
      await desk.dialog().getByLabel('Reason').fill('maintenance');
      await desk.inDialog('Silence').click();
      await desk.told('Silence begun');
      await desk.page.keyboard.press('Escape');
      await desk.page.locator('.silences', { hasText: 'maintenance' }).waitFor();
      await desk.button('End').click();
      await desk.told('Silence ended');
      await desk.page.locator('.silences').waitFor({ state: 'detached' });
    });

    it('an operator sends deliveries again, one and many, after a question', async () => {
      await desk.go('/deliveries?status=delivered');
      await desk.row('Spec receiver').first().click();
      await desk.dialog().getByText('Attempt 1').waitFor();
      const before = desk.receiver.receipts.length;
      await desk.inDialog('Send again').click();
      await desk.inDialog('Send again').click();
      await desk.told('1 delivery will be sent again');
      await eventually(() => expect(desk.receiver.receipts.length).toBe(before + 1));
      await desk.dialog().getByText('Attempt 2').waitFor();
      await desk.page.keyboard.press('Escape');
      await desk.page.getByLabel('Select all loaded rows').check();
      await desk.page.getByRole('button', { name: /^Send \d again$/ }).click();
      await desk.inDialog('Cancel').click();
    });

    it('an operator pauses, enables, rotates, replays and edits a webhook and reads its health and log', async () => {
      await desk.go('/webhooks');
      await desk.row('Spec receiver').click();
      await desk.page.getByText('Attempts in this time').waitFor();
      await desk.page.getByRole('tab', { name: 'Log' }).click();
      await desk.row('delivered').first().waitFor();
      await desk.asked('Pause', 'Pause');
      await desk.told('Webhook paused');
      await desk.asked('Enable', 'Enable');
      await desk.told('Webhook enabled');
      await desk.asked('Rotate secret', 'Make a new secret');
      const secret = (await desk.dialog().locator('.once-shown').textContent())!;
      desk.receiver.secrets.push(secret);
      await desk.inDialog('I have stored it').click();
      await desk.asked('Replay', 'Send again');
      await desk.told(/deliveries are sent again/);
      await desk.button('Edit').click();
      await desk.dialog().getByLabel('Alerts', { exact: true }).selectOption('critical');
      await desk.inDialog('Save').click();
      await desk.told('Webhook saved');
      await desk.page.getByRole('tab', { name: 'Settings' }).click();
      await desk.page.getByText('critical and above').waitFor();
    });

    it('a correlation id leads from the event to the attempt of the webhook', async () => {
      await desk.go(`/events?correlationId=${TRACE}`);
      const steps = desk.page.locator('.trace-step');
      await steps.filter({ hasText: 'Attempt 1' }).first().waitFor();
      expect(await steps.evaluateAll((all) => [...new Set(all.map((step) => step.getAttribute('data-kind')))])).toEqual(
        [...['event', 'alert', 'delivery', 'attempt']],
      );
      await desk.row(ConsoleNews.type).first().click();
      await desk.dialog().getByText('SpecConsoleNews, version 1').waitFor();
      await desk.inDialog('Trace its correlation id').click();
      await desk.dialog().waitFor({ state: 'detached' });
      expect([desk.parameter('event'), desk.parameter('correlationId')]).toEqual([[], [TRACE]]);
    });

    it('rules are disabled, cloned and deleted from the list', async () => {
      await desk.go('/rules');
      await desk.button('Disable Console halts').click();
      await desk.told('Console halts is off');
      await desk.button('Clone Console halts').click();
      await desk.page.getByRole('heading', { name: 'New rule' }).waitFor();
      await desk.button('Create rule').click();
      await desk.page.getByRole('heading', { name: 'Console halts (copy)' }).waitFor();
      await desk.button('Rules').click();
      await desk.asked('Delete Console halts (copy)', 'Delete');
      await desk.told('Rule deleted');
      await desk.row('Console halts (copy)').waitFor({ state: 'detached' });
    });

    it('filings are filtered, and one leads to its amendment', async () => {
      const filing = (number: number, form: string) => ({
        ...{ accession: `0000000001-25-00000${number}`, form, filedOn: '2025-12-12', items: ['5.02'], link: null },
        filers: [{ cik: '1001', name: 'Acme Holdings', role: 'Filer', ticker: 'ACME' }],
        ...{ filedAt: new Date(Date.UTC(2025, 11, 12, 21, number)), reportDate: '2025-12-10' },
      });
      const filings = [filing(1, '8-K'), filing(2, '8-K/A'), filing(3, '4')];
      await desk.app.get(Transactions).atomic(() => desk.app.get(Filings).register(filings));
      await desk.go('/filings');
      const forms = () => desk.page.locator('tbody tr[aria-rowindex] td:first-child').allTextContents();
      await desk.row('Acme Holdings').nth(2).waitFor();
      expect(await forms()).toEqual(['4', '8-K/A', '8-K']);
      await desk.page.getByRole('columnheader', { name: 'Accepted' }).getByRole('button').click();
      await desk.page.waitForURL(/sort=filedAt/);
      await eventually(async () => expect(await forms()).toEqual(['8-K', '8-K/A', '4']));
      await desk.page.getByLabel('Form').fill('8-K');
      await desk.row('8-K').nth(1).waitFor();
      await desk.row('Acme Holdings').nth(2).waitFor({ state: 'detached' });
      await desk.row('8-K/A').click();
      await desk.inDialog('Amends 0000000001-25-000001').click();
      await desk.inDialog('Amended by 8-K/A of 2025-12-12').waitFor();
    });

    it('a list is downloaded as CSV with its filters, and a webhook is removed after a question', async () => {
      await desk.go('/deliveries?status=delivered');
      const [download] = await Promise.all([desk.page.waitForEvent('download'), desk.button('CSV').click()]);
      expect(download.suggestedFilename()).toBe('deliveries.csv');
      await desk.go('/webhooks');
      await desk.row('Spec receiver').click();
      await desk.asked('Remove', 'Remove');
      await desk.told('Webhook removed');
      await desk.page.getByText('No webhooks yet').waitFor();
    });

    it('a viewer is offered nothing that a viewer may not do', async () => {
      const viewer = await desk.browser.signedIn(await desk.app.login('viewer'), '/rules');
      const offered = async () =>
        (await viewer.locator('main').getByRole('button').allTextContents()).map((text) => text.trim()).filter(Boolean);
      await viewer.getByText('Ask a trader or an operator to write one').waitFor();
      expect(await offered()).toEqual(['CSV']);
      await desk.browser.go(viewer, '/webhooks');
      await viewer.getByText('Ask a trader or an operator to add one').waitFor();
      expect(await offered()).not.toContain('Add webhook');
      await desk.browser.go(viewer, '/deliveries');
      await viewer.getByText('Nothing was sent yet').waitFor();
      expect(await offered()).not.toContain('Send again');
      await viewer.context().close();
    });
  },
);
