import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { enterMetric, type MetricShape } from './metric-catalogue.js';

/**
 * Enters the metrics of a lib in the catalogue. List the result among the providers of its module, and inject each metric by
 * `@InjectMetric('<name>') private readonly x: Counter<'<label>'>`.
 * @throws Error if a name is taken, or breaks the naming rules of Prometheus
 */
export function declareMetrics(lib: string, shapes: Readonly<Record<string, MetricShape>>): Provider[] {
  return Object.entries(shapes).map(([name, shape]) => {
    enterMetric(lib, name, shape);
    const options = { name, help: shape.help, labelNames: Object.keys(shape.labels ?? {}) };
    if (shape.type === 'histogram') return makeHistogramProvider({ ...options, buckets: [...shape.buckets] });
    return shape.type === 'counter' ? makeCounterProvider(options) : makeGaugeProvider(options);
  });
}
