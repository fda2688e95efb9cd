import { existsSync, readdirSync, readFileSync } from 'node:fs';

const page = readFileSync('docs/faults.md', 'utf8');
const rules = readFileSync('prometheus/alerts.yml', 'utf8');
const sources = readdirSync('libs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .map((name) => readFileSync(`libs/${name}`, 'utf8'));

interface Fault {
  name: string;
  shownBy: string;
  toDo: string;
  lines: { effect: string; proofs: string[] }[];
}

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
const cells = (line: string) => line.slice(2, -2).split(' | ');

const faults: Fault[] = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    name: section.split('\n', 1)[0]!,
    shownBy: /\*\*Shown by\*\* ([^]*?)\n\*\*Do\*\*/.exec(section)?.[1] ?? '',
    toDo: /^\*\*Do\*\* (.+)$/m.exec(section)?.[1] ?? '',
    lines: section
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| what happens |'))
      .map(cells)
      .map(([effect, proof]) => ({ effect: effect!, proofs: quoted(proof ?? '') })),
  }));
const lines = faults.flatMap((fault) => fault.lines.map((line) => ({ fault: fault.name, ...line })));

describe('docs/faults.md', () => {
  it('docs/faults.md says of each fault how it is shown, what to do and what happens', () => {
    expect(faults.length).toBeGreaterThanOrEqual(10);
    expect(faults.filter(({ shownBy, toDo }) => shownBy === '' || toDo === '')).toEqual([]);
    expect(faults.filter((fault) => fault.lines.length === 0)).toEqual([]);
  });

  it('every line of docs/faults.md names a test that exists', () => {
    expect(lines.filter(({ proofs }) => proofs.length === 0)).toEqual([]);
    const isTest = (path: string) => /^(test|libs)\/.+\.spec\.ts$/.test(path) && existsSync(path);
    expect(lines.filter(({ proofs }) => !proofs.every(isTest))).toEqual([]);
  });

  it('every alert that docs/faults.md names has a rule, and every metric is in the code', () => {
    const names = faults.flatMap(({ shownBy }) => quoted(shownBy));
    const alerts = names.filter((name) => /^[A-Z][A-Za-z]+$/.test(name));
    expect(alerts.filter((name) => !rules.includes(`alert: ${name}\n`))).toEqual([]);
    const metrics = names.map((name) => /^([a-z]+(?:_[a-z]+)+)\b/.exec(name)?.[1]).filter((name) => name !== undefined);
    expect(metrics.length).toBeGreaterThan(5);
    expect(metrics.filter((name) => !sources.some((source) => source.includes(`'${name}'`)))).toEqual([]);
  });
});
