import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { loadConfig } from '#config';
import { databaseConfig } from '#database/config';
import { realtimeConfig } from '#realtime/config';
import { telemetryConfig } from '#telemetry';
import { configSlices } from '../../../apps/api/config-slices.js';
import { filesOf, itWithTool, KUBERNETES, manifests, mistakesOf, readYaml, yamlOf } from './deploy-files.fixture.js';

const objects = manifests();
const [kustomization] = readYaml(join(KUBERNETES, 'kustomization.yaml'));
const settings = parseEnv(readFileSync(join(KUBERNETES, 'settings.env'), 'utf8')) as Record<string, string>;
const named = (kind: string) => objects.filter((object) => object.kind === kind);
const withPods = objects.filter(({ spec }) => spec?.template?.spec?.containers);
const deployments = named('Deployment');
const KEY = randomBytes(32).toString('hex');
const SECRET = 'Zx8-only-in-this-test-Qm4vT2rLw9Kp7-';
/** Keys that the secret must have, because a start in production requires them. */
const required = configSlices
  .flatMap((slice) => Object.values<{ key: string; requiredInProduction: boolean }>(slice.settings))
  .filter(({ requiredInProduction }) => requiredInProduction)
  .map(({ key }) => key);
const secrets = Object.fromEntries(required.map((key) => [key, /ENCRYPTION/.test(key) ? KEY : SECRET]));
const environment = {
  ...settings,
  ...secrets,
  DATABASE_URL: 'postgres://u:p@db/deskwire',
  REDIS_URL: 'redis://r:6379',
};

const matches = (selector: { matchLabels?: object; matchExpressions?: any[] }, labels: Record<string, string>) =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every(({ key, values }) => values.includes(labels[key]));
const podsOf = (selector: object) =>
  withPods.filter(({ spec }) => matches(selector, spec.template.metadata.labels)).map(({ metadata }) => metadata.name);

describe('the Kubernetes manifests', () => {
  it.each(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
    '%s follows the schema of its kind',
    (_, object) => expect(mistakesOf(object)).toEqual([]),
  );

  it('an unknown field, a wrong value and an unknown kind fail that check', () => {
    const web = structuredClone(deployments[0]);
    web.spec.template.spec.containers[0].readinesProbe = {};
    web.spec.replicas = 'two';
    expect(mistakesOf(web)).toHaveLength(2);
    expect(mistakesOf({ apiVersion: 'v1', kind: 'Pods' })).toHaveLength(1);
  });

  it('every file of deploy/kubernetes belongs to its kustomization, and no object is there twice', () => {
    const taken = new Set(['kustomization.yaml', 'prometheus-adapter.yaml']);
    const take = (folder: string) => {
      const [{ resources }] = readYaml(join(KUBERNETES, folder, 'kustomization.yaml'));
      for (const name of resources as string[]) {
        const path = join(folder, name);
        if (name.endsWith('.yaml')) taken.add(path);
        else take((taken.add(join(path, 'kustomization.yaml')), path));
      }
    };
    take('.');
    expect(filesOf(KUBERNETES).sort()).toEqual([...taken].sort());
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  itWithTool('kubectl', 'kubectl builds the kustomization to the objects that these tests read', (run) => {
    const built = yamlOf(run('kustomize', KUBERNETES));
    expect(built.flatMap(mistakesOf)).toEqual([]);
    const nameOf = ({ kind, metadata }: any) => `${kind} ${metadata.name.replace(/^(deskwire-settings)-\w+$/, '$1')}`;
    expect(built.map(nameOf).sort()).toEqual([...objects.map(nameOf), 'ConfigMap deskwire-settings'].sort());
    expect(built.every(({ kind, metadata }) => kind === 'Namespace' || metadata.namespace === 'deskwire')).toBe(true);
    const images = built.flatMap((object) => object.spec?.template?.spec?.containers ?? []).map(({ image }) => image);
    expect(new Set(images)).toEqual(new Set([`${kustomization.images[0].newName}:${kustomization.images[0].newTag}`]));
  });

  it('settings and the required secrets of the manifests are those of a start in production', () => {
    expect(() => loadConfig(configSlices, environment)).not.toThrow();
    const all = new Map(configSlices.flatMap((slice) => Object.values<any>(slice.settings)).map((s) => [s.key, s]));
    for (const key of Object.keys(settings)) expect({ key, known: all.has(key) }).toEqual({ key, known: true });
    expect(Object.keys(settings).filter((key) => all.get(key).secret)).toEqual([]);
  });

  it('pods get the settings of the kustomization and their secrets by reference', () => {
    expect(kustomization.configMapGenerator).toEqual([{ name: 'deskwire-settings', envs: ['settings.env'] }]);
    for (const { spec } of withPods)
      for (const container of spec.template.spec.containers) {
        expect(container.envFrom).toEqual([
          { configMapRef: { name: 'deskwire-settings' } },
          { secretRef: { name: 'deskwire-secrets' } },
        ]);
        expect(container.env).toBeUndefined();
      }
    expect(named('Secret')).toEqual([]);
  });

  it('docs/deploy.md creates the secret with every key that a start in production requires', () => {
    const docs = readFileSync('docs/deploy.md', 'utf8');
    const command = /kubectl [^`]*create secret generic deskwire-secrets[^`]*?```/s.exec(docs)![0];
    const keys = [...command.matchAll(/--from-literal=(\w+)=/g)].map(([, key]) => key);
    expect(keys).toEqual(expect.arrayContaining([...required, 'DATABASE_URL', 'REDIS_URL']));
  });

  it('a process has ended before Kubernetes kills it, and is out of the service before it stops to listen', () => {
    const { shutdownTimeoutMs, shutdownLameDuckMs } = telemetryConfig.read(environment);
    for (const { spec } of deployments) {
      const { terminationGracePeriodSeconds, containers } = spec.template.spec;
      const { readinessProbe } = containers[0];
      expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(shutdownTimeoutMs);
      expect(shutdownLameDuckMs).toBeGreaterThan(
        readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1_000,
      );
    }
  });

  it('probes ask the port and the health routes, and a start may last as long as a migration', () => {
    for (const { metadata, spec } of deployments) {
      const [{ ports, startupProbe, readinessProbe, livenessProbe, args }] = spec.template.spec.containers;
      expect(args).toEqual(['serve', '--role', metadata.labels.component]);
      expect(ports).toEqual([{ name: 'http', containerPort: 3000 }]);
      const paths = [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => [httpGet.path, httpGet.port]);
      expect(paths).toEqual(['startup', 'ready', 'live'].map((name) => [`/health/${name}`, 'http']));
      expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(600);
    }
  });

  it('the migration job applies migrations, and no process does', () => {
    const [job] = named('Job');
    expect(job.spec.template.spec.containers[0].args).toEqual(['migrate', 'up']);
    expect(databaseConfig.read(environment).migrateOnStart).toBe(false);
  });

  it('pods run as an unprivileged user, on a read-only file system, without a token of the cluster', () => {
    for (const { spec } of withPods) {
      const pod = spec.template.spec;
      expect(pod).toMatchObject({ serviceAccountName: 'deskwire', automountServiceAccountToken: false });
      expect(pod).toMatchObject({ enableServiceLinks: false });
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
        expect(securityContext.capabilities).toEqual({ drop: ['ALL'] });
        expect(Object.keys(resources.requests).sort()).toEqual(['cpu', 'memory']);
      }
    }
    expect(named('ServiceAccount').map(({ metadata }) => metadata.name)).toEqual(['deskwire']);
  });

  it('deployments select their own pods only, and the service those of web and of its canary', () => {
    for (const { metadata, spec } of deployments) expect(podsOf(spec.selector)).toEqual([metadata.name]);
    const [service] = named('Service');
    expect(podsOf({ matchLabels: service.spec.selector }).sort()).toEqual(['deskwire-web', 'deskwire-web-canary']);
    expect(service.spec.ports[0].targetPort).toBe('http');
    expect(deployments.find(({ metadata }) => metadata.name === 'deskwire-web-canary').spec.replicas).toBe(0);
  });

  it('disruption budgets cover every deployment, and autoscaling follows the event loop and the sockets of web', () => {
    const covered = named('PodDisruptionBudget').flatMap(({ spec }) => podsOf(spec.selector));
    expect(covered.sort()).toEqual(deployments.map(({ metadata }) => metadata.name).sort());
    const [{ spec }] = named('HorizontalPodAutoscaler');
    expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'deskwire-web' });
    const metrics = Object.fromEntries(
      spec.metrics.map(({ pods }: any) => [pods.metric.name, pods.target.averageValue]),
    );
    expect(metrics).toEqual({ nodejs_eventloop_lag_p99_seconds: '100m', realtime_connections: expect.any(String) });
    const { maxConnections } = realtimeConfig.read(environment);
    expect(Number(metrics['realtime_connections'])).toBe(maxConnections * 0.7);
  });

  it('network policies refuse everything first, and then name pods that exist', () => {
    const [refusal, ...rest] = named('NetworkPolicy');
    expect(refusal.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    for (const { spec } of rest) expect(podsOf(spec.podSelector).length).toBeGreaterThan(0);
    const ports = rest.flatMap(({ spec }) => spec.ingress ?? []).flatMap(({ ports: allowed }: any) => allowed);
    expect(ports).toEqual([{ protocol: 'TCP', port: 'http' }]);
  });

  it('docs/deploy.md names the connections that PostgreSQL needs at the largest size', () => {
    const { poolMax, analyticsPoolMax } = databaseConfig.read(environment);
    const [{ spec }] = named('HorizontalPodAutoscaler');
    const worker = deployments.find(({ metadata }) => metadata.name === 'deskwire-worker');
    // One more `web` while a rollout surges, one canary, and one more worker.
    const processes = spec.maxReplicas + 1 + 1 + worker.spec.replicas + 1;
    const connections = processes * (poolMax + analyticsPoolMax + 1);
    expect(readFileSync('docs/deploy.md', 'utf8')).toContain(`${connections} connections`);
  });

  it('the commands of the image are commands of deskwire, and its files exist', () => {
    for (const { spec } of withPods) {
      const [command] = spec.template.spec.containers[0].args as string[];
      expect(existsSync(`apps/cli/commands/${command}.ts`)).toBe(true);
    }
  });
});
