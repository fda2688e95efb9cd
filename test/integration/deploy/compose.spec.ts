import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { loadConfig } from '#config';
import { databaseConfig } from '#database/config';
import { configSlices } from '../../../apps/api/config-slices.js';
import { composeSchema, readYaml } from './deploy-files.fixture.js';

const text = readFileSync('docker-compose.yml', 'utf8');
const [compose] = readYaml('docker-compose.yml');
const services: Record<string, any> = compose.services;
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);
const KEY = randomBytes(32).toString('hex');
const SECRET = 'Zx8-only-in-this-test-Qm4vT2rLw9Kp7-';

describe('docker-compose.yml', () => {
  it('docker-compose.yml follows the Compose Specification', () => {
    composeSchema(compose);
    expect(composeSchema.errors ?? []).toEqual([]);
  });

  it('a wrong key in docker-compose.yml fails that check', () => {
    const broken = { ...compose, services: { ...services, web: { ...services['web'], depend_on: ['postgres'] } } };
    expect(composeSchema(broken)).toBe(false);
  });

  it('docker-compose.yml runs web, worker and all that stands around them', () => {
    expect(Object.keys(services).sort()).toEqual(
      ['alertmanager', 'grafana', 'postgres', 'prometheus', 'redis', 'web', 'worker'].sort(),
    );
    expect(ours.map(([, { environment }]) => environment.DESKWIRE_ROLE)).toEqual(['web', 'worker']);
    expect(services['postgres'].image).toMatch(/^postgres:18/);
  });

  it('services of docker-compose.yml depend on services, and on a health check where they wait for health', () => {
    for (const { depends_on: needs = {} } of Object.values(services))
      for (const [name, { condition }] of Object.entries<any>(needs)) {
        expect(Object.keys(services)).toContain(name);
        if (condition === 'service_healthy') expect(services[name].healthcheck.test.length).toBeGreaterThan(1);
      }
  });

  it('volumes of docker-compose.yml are declared, and folders that it mounts exist and are read-only', () => {
    const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes as string[]);
    const named = mounts.filter((mount) => !mount.startsWith('.')).map((mount) => mount.split(':')[0]!);
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort());
    const folders = mounts.filter((mount) => mount.startsWith('.')).map((mount) => mount.split(':'));
    expect(folders.length).toBeGreaterThan(3);
    for (const [folder, , mode] of folders)
      expect({ folder, exists: existsSync(folder!), mode }).toEqual({ folder, exists: true, mode: 'ro' });
  });

  it('docker-compose.yml publishes ports on the loopback address only, each once', () => {
    const ports = Object.values(services).flatMap(({ ports: published = [] }) => published as string[]);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length);
  });

  it('docker-compose.yml keeps no secret, and stops with a message while one is unset', () => {
    const variables = [...text.matchAll(/\$\{(\w+)(:[?-])/g)].map(([, name, how]) => ({ name: name!, how }));
    const optional = new Set(variables.filter(({ how }) => how === ':-').map(({ name }) => name));
    expect([...optional]).toEqual(['ADMIN_EMAIL', 'ADMIN_PASSWORD']);
    for (const [, line] of text.matchAll(/^\s*(\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*: .*)$/gm))
      expect(line).toMatch(/\$\{\w+:[?-]/);
  });

  it('the settings of web and worker in docker-compose.yml are those of a start in production', () => {
    for (const [name, { environment }] of ours) {
      const values = Object.fromEntries(
        Object.entries<string>(environment).map(([key, value]) => [key, value.replace(/\$\{[^}]*\}/g, SECRET)]),
      );
      const filled = { ...values, ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: SECRET };
      const keys = { SESSIONS_ENCRYPTION_KEY: KEY, WEBHOOK_ENCRYPTION_KEY: KEY };
      expect(() => loadConfig(configSlices, { ...filled, ...keys })).not.toThrow();
      expect(environment.DATABASE_URL).toContain(`@postgres:5432/${services['postgres'].environment.POSTGRES_DB}`);
      expect({ name, redis: environment.REDIS_URL }).toEqual({ name, redis: 'redis://redis:6379' });
    }
  });

  it('web and worker of docker-compose.yml run without privileges on a read-only file system', () => {
    for (const [, service] of ours) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], build: { dockerfile: 'deploy/Dockerfile' } });
      expect(service.security_opt).toContain('no-new-privileges:true');
    }
  });

  it('PostgreSQL of docker-compose.yml has connections for the pools of all processes', () => {
    const max = Number(/max_connections=(\d+)/.exec(services['postgres'].command.join(' '))![1]);
    const { poolMax, analyticsPoolMax } = databaseConfig.read({ NODE_ENV: 'test' });
    // One more for the start of each process, and 20 for backups and people.
    expect(max).toBeGreaterThanOrEqual(ours.length * (poolMax + analyticsPoolMax + 1) + 20);
  });

  it('lines of the docs that run docker compose name services that exist', () => {
    const pages = ['README.md', 'prometheus/runbook.md', ...readdirSync('docs').map((name) => `docs/${name}`)];
    const named = pages
      .filter((page) => page.endsWith('.md'))
      .flatMap((page) => [
        ...readFileSync(page, 'utf8').matchAll(/docker compose (?:exec|logs|restart|stop)(?: -\S+)* (\w+)/g),
      ]);
    expect(named.length).toBeGreaterThan(1);
    for (const [, service] of named) expect(Object.keys(services)).toContain(service);
  });
});
