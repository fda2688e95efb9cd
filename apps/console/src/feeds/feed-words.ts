import type { ItemOf, PanelRow } from '@deskwire/client';

export type Feed = ItemOf<'/v1/feeds'>;
export type FeedRow = PanelRow<'feeds'>;

/** `quiet` is no fault: the venue is closed, or no item is expected now. */
export const STATE_TONES = { live: 'good', quiet: 'plain', stale: 'warn', failing: 'bad' } as const;

/** The state in a word. A paused feed has none. */
export function stateOf({ enabled, state }: { enabled: boolean; state: keyof typeof STATE_TONES }): string {
  return enabled ? state : 'paused';
}

const STAGES = ['fetch', 'parse', 'record'] as const;
export type Stage = (typeof STAGES)[number];

interface TimedCycle {
  readonly stagesMs: Readonly<Record<Stage, number>>;
}

/** One part of a bar: where it begins and how wide it is, in percent of the longest cycle. */
export interface BarPart {
  stage: Stage;
  ms: number;
  start: number;
  width: number;
}

/** The stages of each cycle as parts of a bar. All bars have one scale, so that a slow cycle is a long bar. */
export function barsOf(cycles: readonly TimedCycle[]): { total: number; parts: BarPart[] }[] {
  const totals = cycles.map(({ stagesMs }) => STAGES.reduce((sum, stage) => sum + stagesMs[stage], 0));
  const longest = Math.max(1, ...totals);
  return cycles.map(({ stagesMs }, index) => {
    let start = 0;
    const parts = STAGES.map((stage) => {
      const width = (stagesMs[stage] / longest) * 100;
      const part = { stage, ms: stagesMs[stage], start, width };
      start += width;
      return part;
    });
    return { total: totals[index]!, parts: parts.filter(({ ms }) => ms > 0) };
  });
}
