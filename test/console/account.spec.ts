import { consoleMissing } from '../e2e/console-book.fixture.js';
import { eventually } from '../setup/eventually.js';
import { type Person, WalkDesk, Walker } from './walk.fixture.js';

const NEW_PASSWORD = 'another horse battery staple';

(consoleMissing ? describe.skip : describe)(
  `the console's pages Account and Users${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let desk: WalkDesk;
    const open: Walker[] = [];
    const walk = async (person: Person, path: string) => {
      const walker = await Walker.of(desk, person, path);
      open.push(walker);
      return walker;
    };
    const signIn = async ({ email }: Person, password: string) =>
      (await desk.app.request('POST', '/v1/auth/login', { body: { email, password } })).status;
    const bearer = async (token: string) => (await desk.app.request('GET', '/v1/auth/me', { token })).status;
    const ended = ({ page }: Walker) => page.getByRole('dialog', { name: 'Your login has ended' });
    const signInAgain = async (walker: Walker, password: string) => {
      await ended(walker).getByLabel('Password', { exact: true }).fill(password);
      await walker.page.keyboard.press('Enter');
      await ended(walker).waitFor({ state: 'detached' });
    };

    beforeAll(async () => {
      desk = await WalkDesk.open();
    });
    afterAll(() => desk?.close());
    afterEach(async () => {
      for (const walker of open.splice(0)) await walker.close();
      // A refused request is a line of the browser's console; the tests ask for some.
      const others = desk.browser.complaints.splice(0).filter((text) => !/40[01]|422|WebSocket/.test(text));
      expect(others).toEqual([]);
    });

    it('a person changes the password: wrong ones are explained, every login ends, and keys end if the person says so', async () => {
      const person = await desk.app.login('trader');
      const { key } = await desk.send(person, 'POST', '/v1/auth/api-keys', { name: 'robot', roles: ['viewer'] });
      const walker = await walk(person, '/account');
      const { page } = walker;
      const fill = async (current: string, wanted: string, again = wanted) => {
        await page.getByLabel('Current password').fill(current);
        await page.getByLabel('New password', { exact: true }).fill(wanted);
        await page.getByLabel('New password again').fill(again);
        await walker.button('Change the password').click();
      };
      await fill(person.password, NEW_PASSWORD, 'a slip of the hand');
      await page.getByText('It differs from the new password.').waitFor();
      expect(await signIn(person, person.password)).toBe(200);
      await fill('not the password', NEW_PASSWORD);
      await page.locator('.account-form .field-error').first().waitFor();
      await fill(person.password, 'short');
      await page.locator('.account-form .field-error', { hasText: /12/ }).waitFor();
      expect(await bearer(key)).toBe(200);
      await page.getByLabel(/^Also revoke my API keys/).check();
      await fill(person.password, NEW_PASSWORD);
      await signInAgain(walker, NEW_PASSWORD);
      expect(await page.getByLabel('Current password').inputValue()).toBe('');
      await page.getByText('You have no API key.').waitFor();
      expect([await signIn(person, person.password), await bearer(key), await bearer(person.token)]).toEqual([
        401, 401, 401,
      ]);
    });

    it('an API key is shown once, works with the chosen role, and is refused after it is revoked', async () => {
      const walker = await walk(await desk.app.login('trader'), '/account');
      await walker.button('Add a key').click();
      await walker.dialog().getByLabel('Name').fill('the nightly job');
      const roles = await walker.dialog().getByLabel('Role').locator('option').allTextContents();
      expect(roles).toEqual(['viewer', 'trader']);
      await walker.inDialog('Add the key').click();
      const key = (await walker.dialog().locator('.once-shown').textContent())!;
      expect(await bearer(key)).toBe(200);
      await walker.page.keyboard.press('Escape');
      await walker.inDialog('I have stored it').click();
      await walker.page.getByText('the nightly job').waitFor();
      expect(await walker.page.content()).not.toContain(key);
      await walker.page.reload();
      await walker.page.getByText('the nightly job').waitFor();
      expect(await walker.page.content()).not.toContain(key);
      expect(await walker.page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain(key);
      await walker.button('Revoke the nightly job').click();
      await walker.inDialog('Revoke').click();
      await walker.told('The API key is revoked.');
      expect(await bearer(key)).toBe(401);
    });

    it('a person ends one other login, then all others, and keeps the own one', async () => {
      const person = await desk.app.login('viewer');
      const [here, there, elsewhere] = [
        await walk(person, '/account'),
        await walk(person, '/alerts'),
        await walk(person, '/feeds'),
      ];
      await here.page.reload();
      const logins = here.page.locator('.account-list li', { hasText: 'last seen' });
      await eventually(async () => expect(await logins.count()).toBe(4));
      expect(await logins.filter({ hasText: 'this one' }).count()).toBe(1);
      // The login of the test itself, which no browser holds.
      await here.button(/^End the login of an unknown program|^End the login of node/i).click();
      await here.told('The login has ended.');
      await eventually(async () => expect(await logins.count()).toBe(3));
      expect(await bearer(person.token)).toBe(401);
      expect(await ended(there).count()).toBe(0);
      await here.button('Sign out everywhere else').click();
      await here.inDialog('Sign out').click();
      await here.told('2 other logins have ended.');
      for (const other of [there, elsewhere]) await ended(other).waitFor();
      await eventually(async () => expect(await logins.count()).toBe(1));
      expect(await here.button('Sign out everywhere else').count()).toBe(0);
      expect(await ended(here).count()).toBe(0);
    });

    it('theme, rows, time zone and grouping hold on every page, in another tab, and after a reload', async () => {
      const person = await desk.app.login('operator');
      const snapshot = { broker: 'zerodha', account: 'A-1', currency: 'INR', positions: [] };
      const body = { ...snapshot, asOf: '2026-11-02T03:45:00Z', cash: '12345678.90' };
      await desk.send(person, 'PUT', '/v1/portfolios/look/snapshot', body);
      const walker = await walk(person, '/account');
      const other = await walker.page.context().newPage();
      await other.goto(new URL('/portfolios?portfolio=look', desk.app.url).href);
      await other.getByText('12,345,678.90').first().waitFor();
      await walker.page.getByLabel('Lakh and crore').check();
      await walker.page.getByLabel('Dark', { exact: true }).check();
      await walker.page.getByLabel('Compact', { exact: true }).check();
      await walker.page.getByLabel('Time zone').selectOption('UTC');
      await other.getByText('1,23,45,678.90').first().waitFor();
      await other
        .getByText(/03:45.*UTC/)
        .first()
        .waitFor();
      const looks = (page: typeof other) =>
        page.evaluate<string[]>(
          '[getComputedStyle(document.documentElement).colorScheme, document.documentElement.dataset.density]',
        );
      expect(await looks(other)).toEqual(['dark', 'compact']);
      await walker.page.reload();
      await walker.page.getByLabel('Lakh and crore').waitFor();
      expect(await looks(walker.page)).toEqual(['dark', 'compact']);
      expect(await walker.page.getByLabel('Time zone').inputValue()).toBe('UTC');
      await walker.button('Use the light theme').click();
      expect((await looks(other))[0]).toBe('light');
    });

    it('a critical alert is notified and sounds only after the person has chosen so, once, and not before', async () => {
      const person = await desk.app.login('trader');
      const condition = { field: 'payload.title', op: 'contains', value: 'alarm' };
      for (const severity of ['critical', 'warning'] as const)
        await desk.send(person, 'POST', '/v1/alert-rules', {
          name: `Rule ${severity}`,
          severity,
          condition: { all: [condition, { ...condition, value: severity }] },
        });
      const walker = await walk(person, '/account');
      const { page } = walker;
      // What the browser would show and play.
      await page.addInitScript(`
        window.told = [];
        window.permission = 'denied';
        window.Notification = class {
          static get permission() { return window.permission; }
          static async requestPermission() { return window.permission; }
          constructor(title, { body }) { window.told.push(title + ': ' + body); }
        };
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) { window.told.push('tone'); start.call(this, at); };
      `);
      await page.reload();
      const told = () => page.evaluate('window.told.splice(0)');
      const criticals = (count: number) => page.locator('.criticals', { hasText: `${count} critical` }).waitFor();
      await desk.record('a critical alarm of before');
      await criticals(1);
      expect(await told()).toEqual([]);

      await page.getByLabel('Show a desktop notification').click();
      await page.getByText('The browser refuses notifications of this site.').waitFor();
      expect(await page.getByLabel('Show a desktop notification').isChecked()).toBe(false);
      await page.evaluate(`window.permission = 'granted'`);
      await page.getByLabel('Show a desktop notification').click();
      await page.getByText('The browser refuses').waitFor({ state: 'detached' });
      await desk.record('a warning alarm', 'a critical alarm');
      await criticals(2);
      await eventually(async () => expect(await page.evaluate('window.told')).toHaveLength(1));
      expect(await told()).toEqual(['a critical alarm: Rule critical']);

      await page.getByLabel('Show a desktop notification').click();
      await page.getByLabel('Play a sound').click();
      await walker.button('Play the sound once').click();
      expect(await told()).toEqual(['tone', 'tone']);
      await desk.record('a second critical alarm');
      await criticals(3);
      await eventually(async () => expect(await page.evaluate('window.told')).toHaveLength(2));
      expect(await told()).toEqual(['tone', 'tone']);
      // An acknowledgement is no news, nor is the page after a reload.
      await walker.go('/alerts?severity=critical&acknowledged=false');
      await walker.row('a second critical alarm').waitFor();
      await page.getByLabel('Select all loaded rows').check();
      await walker.button('Acknowledge 3').click();
      await walker.told('3 alerts acknowledged');
      await page.locator('.criticals').waitFor({ state: 'detached' });
      expect(await told()).toEqual([]);
    });

    it('an admin resets a password: the one-time one is shown once, and the person makes it an own one', async () => {
      const [admin, person] = [await desk.app.login('admin'), await desk.app.login('trader')];
      const { key } = await desk.send(person, 'POST', '/v1/auth/api-keys', { name: 'robot', roles: ['viewer'] });
      const theirs = await walk(person, '/account');
      const walker = await walk(admin, `/users?user=${person.userId}`);
      await walker.button('Reset the password').click();
      await walker.inDialog('Reset').click();
      const oneTime = (await walker.dialog().locator('.once-shown').textContent())!;
      await walker.dialog().getByText('It is not shown again.').waitFor();
      await walker.inDialog('I have stored it').click();
      expect(await walker.page.content()).not.toContain(oneTime);
      await ended(theirs).waitFor();
      expect([await signIn(person, person.password), await bearer(key), await bearer(person.token)]).toEqual([
        401, 401, 401,
      ]);
      await signInAgain(theirs, oneTime);
      await theirs.page.getByLabel('Current password').fill(oneTime);
      await theirs.page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
      await theirs.page.getByLabel('New password again').fill(NEW_PASSWORD);
      await theirs.button('Change the password').click();
      await signInAgain(theirs, NEW_PASSWORD);
      expect([await signIn(person, oneTime), await signIn(person, NEW_PASSWORD)]).toEqual([401, 200]);
    });

    it('an admin signs a person out everywhere, and revokes all keys of the person', async () => {
      const [admin, person] = [await desk.app.login('admin'), await desk.app.login('operator')];
      const keys = [];
      for (const name of ['robot', 'script'])
        keys.push((await desk.send(person, 'POST', '/v1/auth/api-keys', { name, roles: ['viewer'] })).key as string);
      const theirs = await walk(person, '/feeds');
      const walker = await walk(admin, `/users?user=${person.userId}`);
      await walker.button('Sign out everywhere').click();
      await walker.inDialog('Sign out').click();
      await walker.told(`${person.email} is signed out everywhere.`);
      await walker.dialog().getByText('Not signed in anywhere').waitFor();
      await ended(theirs).waitFor();
      expect([await bearer(person.token), await bearer(keys[0]!)]).toEqual([401, 200]);
      await walker.button('Revoke all').click();
      await walker.inDialog('Revoke').click();
      await walker.told(`Every key of ${person.email} is revoked.`);
      await walker.dialog().getByText('No API key').waitFor();
      for (const key of keys) expect(await bearer(key)).toBe(401);
      await signInAgain(theirs, person.password);
      await theirs.page.getByRole('heading', { level: 1, name: 'Feeds' }).waitFor();
    });
  },
);
