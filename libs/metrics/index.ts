export { declareMetrics } from './declare.metrics.js';
export { type CataloguedMetric, enterMetric, metricCatalogue } from './metric-catalogue.js';
