import { Ajv, type ValidateFunction } from 'ajv';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** The documents of a YAML text. Fails at the first mistake, such as a key that occurs twice. */
export function yamlOf(text: string): any[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    const [mistake] = [...document.errors, ...document.warnings];
    if (mistake !== undefined) throw mistake;
    return document.toJS();
  });
}

export const readYaml = (file: string): any[] => yamlOf(readFileSync(file, 'utf8'));

/** Formats that the schema of Compose names and that are not checked. */
const FORMATS = { duration: true, ports: true, expose: true, subnet_ip_address: true, uri: true } as const;

function compile(file: string): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: FORMATS });
  const { $schema: _draft, $id: _id, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  return ajv.addSchema(schema, 'root');
}

export const composeSchema: ValidateFunction = compile('deploy/schemas/compose.json').getSchema('root')!;

const kubernetes = compile('deploy/schemas/kubernetes.json');

/** What is wrong with an object of Kubernetes: each line a path and a reason. */
export function mistakesOf(object: { apiVersion: string; kind: string }): string[] {
  const { apiVersion, kind } = object;
  const name = `${apiVersion.replaceAll('/', '.')}.${kind}`;
  const validate = kubernetes.getSchema(`root#/definitions/${name}`);
  if (validate === undefined) return [`${apiVersion} ${kind} is not in deploy/schemas/kubernetes.json`];
  if (validate(object)) return [];
  return validate.errors!.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

export const KUBERNETES = 'deploy/kubernetes';

/** All objects of deploy/kubernetes, as its kustomizations take them together. */
export function manifests(): any[] {
  return objectsOf(KUBERNETES);
}

function objectsOf(folder: string): any[] {
  const [kustomization] = readYaml(join(folder, 'kustomization.yaml'));
  const names: string[] = kustomization.resources;
  const objects = names.flatMap((name) =>
    name.endsWith('.yaml') ? readYaml(join(folder, name)) : objectsOf(join(folder, name)),
  );
  const suffix: string = kustomization.nameSuffix ?? '';
  const labels = Object.assign({}, ...(kustomization.labels ?? []).map(({ pairs }: any) => pairs));
  return objects.map((object) => {
    const { metadata, spec } = object;
    const changed = {
      ...object,
      metadata: {
        ...metadata,
        name: `${metadata.name}${suffix}`,
        ...(metadata.labels && { labels: { ...metadata.labels, ...labels } }),
      },
    };
    if (Object.keys(labels).length === 0) return changed;
    const template = { ...spec.template, metadata: { labels: { ...spec.template.metadata.labels, ...labels } } };
    const selector = { matchLabels: { ...spec.selector.matchLabels, ...labels } };
    const count = (kustomization.replicas ?? []).find(({ name }: any) => name === metadata.name)?.count;
    return { ...changed, spec: { ...spec, selector, template, replicas: count ?? spec.replicas } };
  });
}

/** The files of deploy/kubernetes that a kustomization names. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
}

/** A program in the PATH, or where scripts/test.sh keeps those that it takes out of Debian's packages. */
export function findTool(name: string): string | undefined {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'deskwire');
  const folders = [...(process.env['PATH'] ?? '').split(':'), cache];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A test that needs a program which may be missing. */
export function itWithTool(tool: string, name: string, test: (run: (...args: string[]) => string) => void): void {
  const path = findTool(tool);
  if (path === undefined) return void it.skip(`${name} (skipped: ${tool} is not installed)`, () => undefined);
  it(name, () =>
    test((...args) => {
      const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
      return stdout;
    }),
  );
}
