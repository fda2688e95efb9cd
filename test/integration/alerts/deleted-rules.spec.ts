import { AsyncLocalStorage } from 'node:async_hooks';
import { AlertRulesService } from '#alerts';
import { Transactions } from '#database';
import { RuleBook, UNREAD_MS } from '../../../libs/alerts/rules/rule-book.js';
import { RuleChangesRepository } from '../../../libs/alerts/rules/rule-changes.repository.js';
import { eventually } from '../../setup/eventually.js';
import { runTask } from '../../setup/run-task.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { AlertingDesk } from './alerting-desk.fixture.js';

const COUNT = 200;
/** Whether this is the read that ends later. */
const late = new AsyncLocalStorage<boolean>();

describe('deleted alert rules', () => {
  let clock: VirtualClock;
  let desk: AlertingDesk;
  beforeEach(async () => {
    clock = new VirtualClock('2026-11-25T09:00:00Z');
    desk = await AlertingDesk.open(undefined, [], clock);
  });
  afterEach(() => desk.close());

  const inMemory = () => [...desk.get(RuleBook)['rules'].keys()];
  const noted = async () =>
    (await desk.rows<{ id: string }>('SELECT rule_id AS id FROM alert_rule_changes')).map(({ id }) => id);
  const read = () => desk.get(Transactions).atomic(() => desk.get(RuleBook).current());
  const age = () => desk.rows(`UPDATE alert_rule_changes SET deleted_at = deleted_at - interval '25 hours'`);

  /** Reads until the check passes: a rule is kept while any read is in progress, and the desk itself reads, too. */
  const readUntil = (check: () => unknown) =>
    eventually(async () => {
      await read();
      await check();
    });

  /** Begins a read. @returns a function that lets it end with what PostgreSQL answered */
  async function readThatEndsLater(): Promise<() => Promise<unknown>> {
    const changes = desk.get(RuleChangesRepository);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const { read: readChanges } = changes;
    changes.read = async (since) => {
      const found = await readChanges.call(changes, since);
      if (!late.getStore()) return found; // a read of the desk itself
      changes.read = readChanges;
      answer();
      await released;
      return found;
    };
    const reading = late.run(true, read);
    await answered;
    return () => {
      release();
      return reading;
    };
  }

  async function addAndRemove(count: number): Promise<string[]> {
    const me = await desk.user();
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await desk.rule(me, { name: `Rule ${n}` })).id);
    await read();
    expect(inMemory()).toEqual(expect.arrayContaining(ids));
    for (const id of ids) await desk.get(AlertRulesService).remove(me, id);
    return ids;
  }

  it(`a process forgets ${COUNT} deleted rules at once, and PostgreSQL after a day`, async () => {
    const before = (await noted()).length;
    const ids = await addAndRemove(COUNT);
    await readUntil(() => expect(inMemory()).toHaveLength(before));
    await runTask(desk, 'retention-alert_rule_changes');
    expect(await noted()).toEqual(expect.arrayContaining(ids));
    await age();
    await runTask(desk, 'retention-alert_rule_changes');
    expect(await noted()).toHaveLength(before);
    expect((await desk.rows('SELECT FROM alert_rules')).length).toBe(before);
  });

  it('a read that began before a rule was deleted and ends after it does not bring the rule back', async () => {
    const me = await desk.user();
    await read();
    const { id } = await desk.rule(me, {});
    const first = await readThatEndsLater();
    await desk.get(AlertRulesService).remove(me, id);
    await read();
    // Its snapshot is newer than the deletion, so no later read asks for it again.
    const last = await readThatEndsLater();
    await first();
    await last();
    await readUntil(() => expect(inMemory()).not.toContain(id));
  });

  /** Deletes a rule and the note of it. */
  async function removeUnseen(): Promise<string> {
    const me = await desk.user();
    const { id } = await desk.rule(me, {});
    await read();
    // Together, so that no reader of the desk sees the note.
    await desk.get(Transactions).atomic(async () => {
      await desk.get(AlertRulesService).remove(me, id);
      await desk.rows('DELETE FROM alert_rule_changes WHERE deleted_at IS NOT NULL');
    });
    await read();
    expect(inMemory()).toContain(id);
    return id;
  }

  it('a process that has read nothing for an hour reads all rules again, since the notes of deleted ones may be gone', async () => {
    const id = await removeUnseen();
    clock.advance(UNREAD_MS + 1);
    await readUntil(async () => {
      expect(inMemory()).not.toContain(id);
      expect(inMemory()).toHaveLength((await noted()).length);
    });
  });

  it('a read that took an hour does not count as one at its end', async () => {
    const id = await removeUnseen();
    const first = await readThatEndsLater();
    clock.advance(UNREAD_MS + 1);
    await first();
    await readUntil(() => expect(inMemory()).not.toContain(id));
  });
});
