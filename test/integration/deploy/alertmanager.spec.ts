import { readFileSync } from 'node:fs';
import { itWithTool, readYaml } from './deploy-files.fixture.js';

const FILE = 'deploy/alertmanager/alertmanager.yml';
const [config] = readYaml(FILE);
const [prometheus] = readYaml('prometheus/prometheus.yml');
const [compose] = readYaml('docker-compose.yml');
const [rules] = readYaml('prometheus/alerts.yml');
const alerts = new Set<string>(rules.groups.flatMap((group: any) => group.rules).map(({ alert }: any) => alert));
const severities = new Set<string>(
  rules.groups.flatMap((group: any) => group.rules).flatMap(({ labels }: any) => labels?.severity ?? []),
);

describe('the configuration of Alertmanager', () => {
  itWithTool('amtool', 'amtool accepts the configuration of Alertmanager', (run) => {
    expect(run('check-config', FILE)).toContain('SUCCESS');
  });

  itWithTool(
    'amtool',
    'Alertmanager sends critical alerts to the urgent receiver and others to the usual one',
    (run) => {
      const receiver = (severity: string) =>
        run('config', 'routes', 'test', `--config.file=${FILE}`, `severity=${severity}`);
      const chosen = [...severities].map((severity) => [severity, receiver(severity).trim()]);
      expect(Object.fromEntries(chosen)).toMatchObject({ critical: 'desk-urgent', warning: 'desk' });
    },
  );

  it('alerts that Alertmanager holds back, and those that explain them, are rules of prometheus/alerts.yml', () => {
    const matchers: string[] = config.inhibit_rules.flatMap((rule: any) => [
      ...rule.source_matchers,
      ...rule.target_matchers,
    ]);
    const named = matchers.flatMap((matcher) => /"(.*)"/.exec(matcher)![1]!.split('|'));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !alerts.has(name))).toEqual([]);
  });

  it('Prometheus sends alerts to Alertmanager, and scrapes web and worker of docker-compose.yml', () => {
    const services = Object.keys(compose.services);
    const targets = (configs: any[]) => configs.flatMap(({ targets: of }) => of as string[]);
    const managers = targets(prometheus.alerting.alertmanagers.flatMap((one: any) => one.static_configs));
    expect(managers).toEqual(['alertmanager:9093']);
    const scraped = targets(prometheus.scrape_configs.flatMap((job: any) => job.static_configs));
    expect(scraped).toEqual(expect.arrayContaining(['web:3000', 'worker:3000']));
    for (const target of [...managers, ...scraped]) expect(services).toContain(target.split(':')[0]);
  });

  it('the receivers of Alertmanager have the address of the webhook in docs/webhooks.md', () => {
    const urls: string[] = config.receivers
      .flatMap(({ webhook_configs: hooks }: any) => hooks)
      .map(({ url }: any) => url);
    const documented = /`(https:\/\/hooks\.example\.com\/\S+)`/.exec(readFileSync('docs/webhooks.md', 'utf8'))![1]!;
    for (const url of urls) expect(url.split('?')[0]).toBe(documented);
  });
});
