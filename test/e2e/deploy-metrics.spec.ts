import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itWithTool, KUBERNETES, readYaml } from '../integration/deploy/deploy-files.fixture.js';
import { unknownIn } from '../setup/promql.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const dashboard = JSON.parse(readFileSync('deploy/grafana/dashboards/desk.json', 'utf8'));
const panels: any[] = dashboard.panels.filter(({ type }: any) => type !== 'row');
const [adapter] = readYaml(join(KUBERNETES, 'prometheus-adapter.yaml'));

/** Variables of Grafana and of prometheus-adapter, as a query that Prometheus takes. */
const filled = (query: string) =>
  query
    .replace(/\$\w+/g, '.*')
    .replaceAll('<<.LabelMatchers>>', 'pod=~".*"')
    .replaceAll('<<.GroupBy>>', 'pod')
    // Labels that Prometheus adds on Kubernetes, as those that it adds everywhere.
    .replace(/\bnamespace\b/g, 'job')
    .replace(/\bpod\b/g, 'instance');
const dashboardQueries = panels.flatMap(({ title, targets }) =>
  (targets as any[]).map(({ expr }) => [title as string, filled(expr)] as const),
);
const adapterQueries = (adapter.rules.custom as any[]).flatMap(({ name, seriesQuery, metricsQuery }) =>
  [seriesQuery, metricsQuery].map((query: string) => [name.as as string, filled(query)] as const),
);
const queries = [...dashboardQueries, ...adapterQueries];
describe('what Grafana and the autoscaler ask Prometheus', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it.each(queries)('%s: its query names metrics, labels and values of the catalogue (%s)', (_, query) => {
    expect(unknownIn(query)).toEqual([]);
  });

  it('a query of a metric, a label or a value that the app lacks is noticed', () => {
    const wrong = ['sum(http_request_total)', 'sum by (code) (http_requests_total)', 'feeds_sources{state="lost"}'];
    expect(wrong.map((query) => unknownIn(query).length)).toEqual([1, 1, 1]);
  });

  itWithTool('promtool', 'Prometheus can parse every query of Grafana and of the autoscaler', (run) => {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-queries-'));
    const file = join(folder, 'queries.yml');
    const rules = queries.map(([, expr], at) => ({ record: `query_${at}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    try {
      expect(run('check', 'rules', file)).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('probes of the manifests and of the image ask routes of the app', async () => {
    for (const path of ['/health/startup', '/health/ready', '/health/live', '/metrics'])
      expect({ path, status: (await app.request('GET', path)).status }).toEqual({ path, status: 200 });
  });

  it('panels of the dashboard of Grafana have a title, a unit, a meaning and their own place', () => {
    const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
    expect(new Set(places).size).toBe(panels.length);
    expect(new Set(dashboard.panels.map(({ id }: any) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description, fieldConfig, targets, datasource } of panels) {
      expect([title, description, fieldConfig.defaults.unit].every((text) => text.length > 0)).toBe(true);
      expect(targets.length).toBeGreaterThan(0);
      expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    }
  });

  it('Grafana finds its data source and its dashboards where docker-compose.yml mounts them', () => {
    const [sources] = readYaml('deploy/grafana/provisioning/datasources/prometheus.yml');
    const [providers] = readYaml('deploy/grafana/provisioning/dashboards/desk.yml');
    const [compose] = readYaml('docker-compose.yml');
    expect(sources.datasources[0].url).toBe('http://prometheus:9090');
    const mounts: string[] = compose.services.grafana.volumes;
    expect(mounts).toContain(`./deploy/grafana/dashboards:${providers.providers[0].options.path}:ro`);
    expect(mounts).toContain('./deploy/grafana/provisioning:/etc/grafana/provisioning:ro');
  });
});
