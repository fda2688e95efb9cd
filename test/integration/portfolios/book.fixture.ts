import { isDeepStrictEqual } from 'node:util';
import { Changes } from '#changes';
import { Transactions } from '#database';
import type { SnapshotPanel } from '#panels';
import { PortfoliosPanel, PositionsPanel } from '#portfolios';
import type { TestModule } from '../../setup/test-module.js';

const operator = { userId: '', operator: true };

/** Follows the change feed as cuts do, and compares each state with a reloaded one. */
export async function followBook(desk: TestModule, users: readonly string[]) {
  const panels: SnapshotPanel[] = [desk.get(PortfoliosPanel), desk.get(PositionsPanel)];
  const load = async (changes: ReadonlyMap<string, ReadonlySet<string>> | undefined, before?: Map<string, object>) => {
    const states = new Map<string, object>();
    for (const panel of panels) states.set(panel.name, await panel.load(changes, before?.get(panel.name), states));
    return states;
  };
  const shown = (states: Map<string, object>) =>
    panels.flatMap((panel) =>
      [operator, ...users.map((userId) => ({ userId, operator: false }))].map((viewer) =>
        panel.view(states.get(panel.name)!, viewer),
      ),
    );
  // Changes, stamp and both states are of one snapshot, as in a cut.
  const inSnapshot = <T>(work: () => Promise<T>) => desk.get(Transactions).readSnapshot(work);
  let [seen, states] = await inSnapshot(
    async () => [await desk.get(Changes).current(), await load(undefined)] as const,
  );
  /** @param check counts what following costs, before the states are loaded again to be compared */
  return (check: () => Promise<void> = () => Promise.resolve()) =>
    inSnapshot(async () => {
      const { changes, stamp } = await desk.get(Changes).since(seen);
      seen = stamp;
      const topics = new Map<string, Set<string>>();
      for (const { topic, key } of changes!) topics.set(topic, (topics.get(topic) ?? new Set()).add(key));
      if (topics.size > 0) states = await load(topics, states);
      await check();
      const views = shown(states);
      // Not by toEqual: the difference of thousands of rows takes minutes to print.
      expect(isDeepStrictEqual(views, shown(await load(undefined)))).toBe(true);
      return views as {
        items: { portfolioId: string; value: string }[];
        hidden: number;
        base?: { value: string };
      }[];
    });
}
