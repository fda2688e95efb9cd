import type { Page } from 'playwright-core';
import { consoleMissing } from '../e2e/console-book.fixture.js';
import { CONSOLE_PATHS } from '../../apps/api/pages.js';
import { type Belongings, type Person, ROLES, WalkDesk, Walker } from './walk.fixture.js';
import { NEUTRAL, OUTSIDE, PAGES, PLACES, type Place } from './walk-places.fixture.js';

(consoleMissing ? describe.skip : describe)(
  `each role at the console${consoleMissing ? ` (skipped: ${consoleMissing})` : ''}`,
  () => {
    let desk: WalkDesk;
    /** The lowest role of each operation, as the document says it. */
    const roleOf = new Map<string, (typeof ROLES)[number]>();
    const people = {} as Record<(typeof ROLES)[number], Person & Belongings>;
    const may = (role: (typeof ROLES)[number], operation: string) => {
      const needed = roleOf.get(operation);
      if (needed === undefined) throw new Error(`The document has no ${operation}.`);
      return ROLES.indexOf(role) >= ROLES.indexOf(needed);
    };

    beforeAll(async () => {
      desk = await WalkDesk.open();
      const { body } = await desk.app.request('GET', '/openapi.json');
      for (const [path, item] of Object.entries<any>(body.paths))
        for (const method of ['get', 'post', 'put', 'patch', 'delete'])
          if (item[method]) roleOf.set(`${method.toUpperCase()} ${path}`, roleIn(item[method].description));
      await desk.furnish(await desk.app.login('admin'));
      for (const role of ROLES) people[role] = await desk.settle(role);
    });
    afterAll(() => desk?.close());
    afterEach(() => expect(desk.browser.complaints.splice(0)).toEqual([]));

    it('every operation that changes something is an act of a page, or is said to have none', () => {
      const acts = new Set(PLACES.flatMap(({ acts: ofPlace }) => Object.values(ofPlace)));
      const writes = [...roleOf.keys()].filter((operation) => !operation.startsWith('GET '));
      expect(writes.filter((operation) => !acts.has(operation) && !(operation in OUTSIDE))).toEqual([]);
      expect(Object.keys(OUTSIDE).filter((operation) => acts.has(operation) || !roleOf.has(operation))).toEqual([]);
    });

    it('a viewer who has nothing is led to nothing that a viewer may not do', async () => {
      const walker = await Walker.of(desk, await desk.app.login('viewer'), '/account');
      for (const { path } of PAGES) {
        await walker.go(path);
        await walker.page.locator('main :is(.table-row, .empty, .account-list)').first().waitFor();
        const links = walker.page.locator('main a');
        const leads = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
        expect(leads.filter((href) => /rule=new|add=true/.test(href))).toEqual([]);
      }
      // Nor does an address open a form of another role.
      for (const path of ['/feeds?add=true', '/webhooks?add=true', '/portfolios?add=true']) {
        await walker.go(path);
        await walker.page.locator('main .page-head').waitFor();
        expect(await walker.page.getByRole('dialog').count()).toBe(0);
      }
      await walker.close();
    });

    it.each(ROLES)('a %s is shown the pages of the role, and is told why another one is not shown', async (role) => {
      const walker = await Walker.of(desk, people[role], '/account');
      const shown = PAGES.filter(({ reads }) => may(role, reads));
      expect(PAGES).toHaveLength(CONSOLE_PATHS.length + 1);
      const links = walker.page.locator('nav.side .page-link');
      const titles = await links.locator('span').allTextContents();
      expect(titles.sort()).toEqual(shown.map(({ title }) => title).sort());
      for (const { path, title, reads } of PAGES) {
        await walker.go(path);
        await walker.page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
        if (!may(role, reads)) await walker.page.getByText(/^Only an (operator|admin) may see this page\.$/).waitFor();
        else expect(await walker.page.getByText(/may see this page/).count()).toBe(0);
      }
      // A key that leads to a page of a higher role does nothing.
      await walker.go('/account');
      await walker.page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
      await walker.page.keyboard.press('g');
      await walker.page.keyboard.press('m');
      const users = walker.page.getByRole('heading', { level: 1, name: 'Users' });
      if (role === 'admin') await users.waitFor();
      else expect(await users.count()).toBe(0);
      await walker.close();
    });

    it.each(ROLES)(
      'a %s is offered what the role may do, and nothing else, and reaches it by keyboard',
      async (role) => {
        const walker = await Walker.of(desk, people[role], '/account');
        const wrong: string[] = [];
        for (const place of PLACES) {
          const name = `${place.path} ${place.open?.join(', ') ?? ''}`.trim();
          if (!(place.reads === undefined || may(role, place.reads))) continue;
          await openPlace(walker, place, people[role]).catch((error: unknown) => {
            throw new Error(`${name}: ${String(error)}`);
          });
          const offered = await offeredIn(walker.page);
          for (const [act, operation] of Object.entries(place.acts)) {
            const isOffered = offered.some((button) => matches(button, act));
            if (isOffered !== may(role, operation))
              wrong.push(`${name}: ${act} (${operation}) is ${isOffered ? '' : 'not '}offered`);
          }
          const known = [...Object.keys(place.acts), ...NEUTRAL, ...(place.neutral ?? [])];
          for (const button of offered)
            if (!known.some((each) => matches(button, each))) wrong.push(`${name}: ${button} is in no table`);
          const reached = await reachedByTab(walker.page);
          const usable = await offeredIn(walker.page, ':not(:disabled)');
          const acts = usable.filter((button) => Object.keys(place.acts).some((act) => matches(button, act)));
          for (const button of acts) if (!reached.has(button)) wrong.push(`${name}: Tab does not reach ${button}`);
        }
        expect(wrong).toEqual([]);
        await walker.close();
      },
      300_000,
    );
  },
);

/** The lowest role that may call an operation, as its description says it. */
function roleIn(description: string): (typeof ROLES)[number] {
  const [, role] = /Requires the role (\w+) or a higher one\./.exec(description) ?? [];
  return ROLES.find((each) => each === role) ?? 'viewer';
}

/** A name of the tables: the words of a button, or their beginning before a star. */
function matches(button: string, name: string): boolean {
  return name.endsWith('*') ? button.startsWith(name.slice(0, -1)) : button === name;
}

async function openPlace(walker: Walker, place: Place, own: Person & Belongings): Promise<void> {
  await walker.go(place.path.replace(/\{(\w+)\}/g, (_, name: keyof Belongings | 'userId') => own[name]));
  await walker.page
    .locator(place.shows ?? 'main :is(.table-row, .empty)')
    .first()
    .waitFor();
  for (const step of place.open ?? []) {
    if (step === 'row') await walker.page.locator('main .table-row').first().click();
    else await walker.button(step).first().click();
    await walker.page.locator('dialog[open] .modal-head, dialog[open] header').last().waitFor();
  }
  if (place.then !== undefined) await walker.page.locator(place.then).first().waitFor();
}

/** The names of the buttons, and of the links that an empty list offers. Tabs and headings of columns only show. */
async function offeredIn(page: Page, which = ''): Promise<string[]> {
  return (await page.evaluate(`(() => {
    const named = (element) => (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\\s+/g, ' ');
    const acts = ':is(button:not([role=tab], th *), .empty a)${which}';
    const shown = [...document.querySelectorAll('main ' + acts + ', dialog[open] ' + acts)];
    return [...new Set(shown.filter((element) => element.checkVisibility()).map(named))];
  })()`)) as string[];
}

/** The names of what has the focus while Tab is pressed, from the begin of the page until it begins again. */
async function reachedByTab(page: Page): Promise<Set<string>> {
  const reached = new Set<string>();
  await page.evaluate(`document.querySelector('dialog[open]') === null && document.querySelector('main').focus()`);
  const seen = new Set<number>();
  let last = -1;
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press('Tab');
    const [mark, name] = (await page.evaluate(`(() => {
      const element = document.activeElement;
      window.walked ??= new Map();
      if (!window.walked.has(element)) window.walked.set(element, window.walked.size);
      return [
        window.walked.get(element),
        (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\\s+/g, ' '),
      ];
    })()`)) as [number, string];
    // A field of a time has several stops.
    if (seen.has(mark) && mark !== last) break;
    last = mark;
    seen.add(mark);
    reached.add(name);
  }
  return reached;
}
