import { collectDefaultMetrics, register } from 'prom-client';
import { declareMetrics, metricCatalogue } from '#metrics';

const space = 'the heap spaces of V8';

/** Metrics of the process, made by prom-client. Three of its gauges are missing here: they end in _total. */
declareMetrics('node', {
  nodejs_active_handles: { type: 'gauge', help: 'Open libuv handles by type', labels: { type: 'the types of libuv' } },
  nodejs_active_requests: {
    type: 'gauge',
    help: 'Running libuv requests by type',
    labels: { type: 'the types of libuv' },
  },
  nodejs_active_resources: {
    type: 'gauge',
    help: 'Resources that keep the process alive, by type',
    labels: { type: 'the types of Node' },
  },
  nodejs_eventloop_lag_max_seconds: { type: 'gauge', help: 'Maximum lag of the event loop since the last scrape' },
  nodejs_eventloop_lag_mean_seconds: { type: 'gauge', help: 'Mean lag of the event loop since the last scrape' },
  nodejs_eventloop_lag_min_seconds: { type: 'gauge', help: 'Minimum lag of the event loop since the last scrape' },
  nodejs_eventloop_lag_p50_seconds: {
    type: 'gauge',
    help: '50th percentile of the lag of the event loop since the last scrape',
  },
  nodejs_eventloop_lag_p90_seconds: {
    type: 'gauge',
    help: '90th percentile of the lag of the event loop since the last scrape',
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: 'gauge',
    help: '99th percentile of the lag of the event loop since the last scrape',
  },
  nodejs_eventloop_lag_seconds: { type: 'gauge', help: 'Lag of the event loop during the scrape' },
  nodejs_eventloop_lag_stddev_seconds: {
    type: 'gauge',
    help: 'Standard deviation of the lag of the event loop since the last scrape',
  },
  nodejs_external_memory_bytes: { type: 'gauge', help: 'Memory of buffers outside the heap' },
  nodejs_gc_duration_seconds: {
    type: 'histogram',
    help: 'Duration of garbage collections by kind',
    labels: { kind: ['major', 'minor', 'incremental', 'weakcb'] },
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
  nodejs_heap_size_total_bytes: { type: 'gauge', help: 'Size of the heap' },
  nodejs_heap_size_used_bytes: { type: 'gauge', help: 'Used size of the heap' },
  nodejs_heap_space_size_available_bytes: { type: 'gauge', help: 'Free size of a heap space', labels: { space } },
  nodejs_heap_space_size_total_bytes: { type: 'gauge', help: 'Size of a heap space', labels: { space } },
  nodejs_heap_space_size_used_bytes: { type: 'gauge', help: 'Used size of a heap space', labels: { space } },
  nodejs_version_info: {
    type: 'gauge',
    help: 'Version of Node',
    labels: { version: 'one', major: 'one', minor: 'one', patch: 'one' },
  },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time of the process' },
  process_cpu_system_seconds_total: { type: 'counter', help: 'CPU time of the process in the kernel' },
  process_cpu_user_seconds_total: { type: 'counter', help: 'CPU time of the process outside the kernel' },
  process_heap_bytes: { type: 'gauge', help: 'Data segment of the process' },
  process_max_fds: { type: 'gauge', help: 'Maximum number of open file descriptors' },
  process_open_fds: { type: 'gauge', help: 'Open file descriptors' },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory of the process' },
  process_start_time_seconds: { type: 'gauge', help: 'Unix time of the start of the process' },
  process_virtual_memory_bytes: { type: 'gauge', help: 'Virtual memory of the process' },
});

/** Registers the metrics of the process, without those that break the naming rules of Prometheus. Later calls do nothing. */
export function collectNodeMetrics(): void {
  if (register.getSingleMetric('process_cpu_seconds_total') !== undefined) return;
  collectDefaultMetrics();
  const kept = new Set(metricCatalogue().map(({ name }) => name));
  for (const { name } of register.getMetricsAsArray())
    if (/^(nodejs|process)_/.test(name) && !kept.has(name)) register.removeSingleMetric(name);
}
