import { lazy, Suspense } from 'react';
import type { ChartProps } from './chart-canvas.js';

/** uPlot comes with the first chart. */
const ChartCanvas = lazy(() => import('./chart-canvas.js'));

/** Series over time, in the colours of the theme. Give it the same arrays while they do not change. */
export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<div className="chart" style={{ height: props.height ?? 220 }} />}>
      <ChartCanvas {...props} />
    </Suspense>
  );
}
