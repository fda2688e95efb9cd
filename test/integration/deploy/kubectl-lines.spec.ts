import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { manifests } from './deploy-files.fixture.js';

const PAGES = ['README.md', 'prometheus/runbook.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);
const objects = manifests();
const KINDS: Record<string, string> = {
  ...{ deployment: 'Deployment', deploy: 'Deployment', job: 'Job', service: 'Service', svc: 'Service' },
  ...{ hpa: 'HorizontalPodAutoscaler', pdb: 'PodDisruptionBudget', networkpolicy: 'NetworkPolicy' },
  ...{ namespace: 'Namespace', secret: 'Secret', configmap: 'ConfigMap' },
};
const VERBS = [
  'apply',
  'create',
  'delete',
  'describe',
  'diff',
  'exec',
  'get',
  'kustomize',
  'logs',
  'patch',
  'port-forward',
];
const MORE = ['replace', 'rollout', 'scale', 'set', 'top', 'wait', 'annotate', 'cp'];
const names = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
/** Objects that a kustomization refers to without holding them. */
for (const name of ['Secret deskwire-secrets', 'ConfigMap deskwire-settings']) names.add(name);

/** Options whose value is the next word. */
const TAKE_VALUES = new Set([
  '-n',
  '--namespace',
  '-k',
  '-f',
  '-l',
  '-o',
  '-c',
  '-p',
  '--selector',
  '--patch-file',
  '--context',
]);

/** Each kubectl command of a page, on one line: those at the beginning of a line or of a piece of code. */
function commandsOf(text: string): string[] {
  return [...text.replace(/\\\n\s*/g, ' ').matchAll(/(?<=^\s*|`)kubectl +[^\n`|;&]+/gm)].map(([command]) =>
    command.trim(),
  );
}

/** What is wrong with a command. */
function mistakes(command: string): string[] {
  const words = command.split(' -- ')[0]!.split(/\s+/).slice(1);
  const namespace = /(?:-n|--namespace)[ =](\S+)/.exec(command)?.[1];
  const bare = words.filter((word, at) => !word.startsWith('-') && !TAKE_VALUES.has(words[at - 1] ?? ''));
  const verb = bare[0] ?? '';
  const found: string[] = [];
  if (![...VERBS, ...MORE].includes(verb)) found.push(`unknown verb ${verb}`);
  if (namespace !== undefined && !names.has(`Namespace ${namespace}`)) found.push(`unknown namespace ${namespace}`);
  const pairs = bare.flatMap((word, at): [string, string][] => {
    const [kind, name] = word.split('/');
    if (word.startsWith('deploy/') && verb === 'apply') return [];
    if (name !== undefined && kind! in KINDS) return [[kind!, name]];
    if (!(word in KINDS) || verb === 'create') return [];
    return bare
      .slice(at + 1)
      .filter((each) => !each.includes('='))
      .map((each) => [word, each] as [string, string]);
  });
  for (const [kind, name] of pairs)
    if (!names.has(`${KINDS[kind]} ${name}`)) found.push(`there is no ${kind} ${name} in deploy/kubernetes`);
  const folder = /-k[ =]?(\S+)/.exec(command)?.[1] ?? (verb === 'kustomize' ? bare[1] : undefined);
  if (folder !== undefined && !existsSync(`${folder}/kustomization.yaml`)) found.push(`${folder} is no kustomization`);
  for (const [, selector] of command.matchAll(/(?:-l|--selector)[ =](\S+)/g))
    if (!selectsPods(selector!)) found.push(`${selector} selects no pods`);
  return found;
}

function selectsPods(selector: string): boolean {
  const terms = selector.replace(/'/g, '').split(',');
  return objects.some(({ spec }) =>
    terms.every((term) => {
      const [, key, not, value] = /^([^!=]+)(!?)=+(.*)$/.exec(term) ?? [];
      const label = spec?.template?.metadata?.labels?.[key!];
      return label !== undefined && (label === value) === (not === '');
    }),
  );
}

describe('the kubectl commands of the docs', () => {
  const commands = PAGES.flatMap((page) => commandsOf(readFileSync(page, 'utf8')).map((command) => [page, command]));

  it.each(commands)('%s: %s names what deploy/kubernetes has', (_, command) => {
    expect(mistakes(command!)).toEqual([]);
  });

  it('a wrong verb, name, namespace, folder or selector fails that check', () => {
    expect(commands.length).toBeGreaterThan(4);
    const broken = [
      'kubectl -n deskwire restart deployment/deskwire-web',
      'kubectl -n deskwire rollout status deployment/deskwire-api',
      'kubectl -n desk get pods',
      'kubectl apply -k deploy/k8s',
      'kubectl -n deskwire get pods -l component=api',
      'kubectl -n deskwire scale deployment deskwire-web deskwire-canary --replicas=1',
      "kubectl apply -k deploy/kubernetes -l 'component=api,track!=stable'",
    ];
    for (const command of broken) expect({ command, found: mistakes(command).length }).toEqual({ command, found: 1 });
  });
});
