import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Tone } from '../page.js';
import { usePreferences, zoneName } from '../preferences.js';

export interface ChartSeries {
  label: string;
  /** One a time; null is a gap. */
  values: readonly (number | null)[];
  tone?: Tone;
  kind?: 'line' | 'bars';
}

export interface ChartProps {
  /** What the chart shows, in a sentence: its text for those who do not see it. */
  label: string;
  /** Unix time in seconds, ascending. */
  times: readonly number[];
  series: readonly ChartSeries[];
  height?: number;
  /** Text of a value at the axis and in the legend. A picture may show floats; tables never do. */
  format?: (value: number) => string;
}

/** Series over time, by uPlot, in the colours of the theme. */
export default function ChartCanvas({ label, times, series, height = 220, format = String }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const { theme, zone } = usePreferences();
  useEffect(() => {
    const parent = box.current!;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    let plot: uPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const colour = coloursOf(parent);
      const axis = {
        stroke: colour('soft'),
        grid: { stroke: colour('line'), width: 1 },
        ticks: { stroke: colour('line'), width: 1 },
      };
      plot = new uPlot(
        {
          width: parent.clientWidth,
          height,
          tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zoneName(zone)),
          cursor: { drag: { x: false, y: false } },
          axes: [axis, { ...axis, size: 84, values: (_plot, values) => values.map((value) => format(value)) }],
          series: [
            {},
            ...series.map(({ label: name, tone = 'info', kind }) => ({
              label: name,
              stroke: colour(tone === 'plain' ? 'soft' : tone),
              width: 1.5,
              points: { show: false },
              value: (_plot: uPlot, value: number | null) => (value === null ? '–' : format(value)),
              ...(kind === 'bars' && {
                paths: uPlot.paths.bars!({ size: [0.7, 24] }),
                fill: colour(tone === 'plain' ? 'soft' : tone),
              }),
            })),
          ],
        },
        [times as number[], ...series.map(({ values }) => values as (number | null)[])],
        parent,
      );
    };
    draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: parent.clientWidth, height }));
    resized.observe(parent);
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
      resized.disconnect();
      plot?.destroy();
    };
  }, [times, series, height, format, theme, zone]);
  return <div className="chart" role="img" aria-label={label} ref={box} />;
}

/** The colours of the theme, as a canvas needs them: `light-dark()` is resolved by the computed style of an element. */
function coloursOf(parent: HTMLElement): (name: string) => string {
  const probe = document.createElement('i');
  parent.append(probe);
  const colours = new Map<string, string>();
  for (const name of ['soft', 'line', 'good', 'warn', 'bad', 'info']) {
    probe.style.color = `var(--${name})`;
    colours.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => colours.get(name)!;
}
