import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithPrometheus, promtool } from '../../setup/prometheus-tools.js';
import { type AlertRule, alertRules, mutationsOf, recordings, testNames, testsOf } from '../../setup/alert-rules.js';

/** Recording rules that an expression reads, so that the others cost nothing. */
const recordingsFor = ({ expression }: AlertRule) =>
  recordings.filter((text) => expression.split(' ').includes(/record: (\S+)/.exec(text)![1]!));

describeWithPrometheus('the tests of the alert rules', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'rules-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  /**
   * Writes the versions of a rule as rules of their own names, so that each test runs once for all of them.
   * @returns the path of the tests
   */
  const write = (rule: AlertRule, versions: readonly { name: string; text: string }[]): string => {
    const file = versions[0]!.name;
    const rules = versions.map(({ name, text }) => text.replace(`alert: ${rule.name}`, `alert: ${name}`));
    const all = [...recordingsFor(rule), ...rules].join('\n');
    writeFileSync(join(folder, `${file}.yml`), `groups:\n  - name: one\n    rules:\n${all}\n`);
    const tests = testsOf(rule).map(({ text }) => {
      const [head, checks] = `${text}\n`.split('    alert_rule_test:\n');
      const each = versions.map(({ name }) => checks!.replaceAll(`alertname: ${rule.name}\n`, `alertname: ${name}\n`));
      return `${head}    alert_rule_test:\n${each.join('')}`;
    });
    // As in the files of the tests. Rules without a time need no evaluation before that of the test.
    const every = rule.window === undefined ? '1m' : '1h';
    const path = join(folder, `${file}.test.yml`);
    writeFileSync(path, `rule_files: [${file}.yml]\nevaluation_interval: ${every}\ntests:\n${tests.join('\n')}\n`);
    return path;
  };

  it('the tests of each alert rule pass on it, and at least one fails on each fault put into it', () => {
    const known = new Map<string, string>();
    const paths = alertRules.map((rule, number) => {
      const named = `${rule.name}${rule.window === undefined ? '' : ` over ${rule.window}`}`;
      const faulty = mutationsOf(rule);
      expect(faulty.filter(({ text }) => text === rule.text)).toEqual([]);
      expect([named, faulty.length >= (rule.holds === undefined || rule.holds === '0m' ? 3 : 4)]).toEqual([
        named,
        true,
      ]);
      const versions = [{ what: 'sound', text: rule.text }, ...faulty].map(({ what, text }, at) => {
        const name = `Rule${number}v${at}`;
        known.set(name, `${named}: ${what}`);
        return { name, text };
      });
      return write(rule, versions);
    });
    const { output } = promtool(['test', 'rules', ...paths]);
    expect(output.match(/Unit Testing:/g)?.length).toBe(alertRules.length);
    const failed = new Set([...output.matchAll(/alertname: ?(\w+), ?time/g)].map(([, name]) => name!));
    const wrong = [...known].filter(([name, what]) => failed.has(name) === what.endsWith(': sound'));
    expect(wrong.map(([, what]) => what)).toEqual([]);
  });

  it('each alert rule has a test that it fires, and one that it stays silent, and each test is of a rule', () => {
    const named = new Set(alertRules.flatMap((rule) => testsOf(rule).map(({ name }) => name)));
    expect(testNames.filter((name) => !named.has(name))).toEqual([]);
    for (const rule of alertRules) {
      const tests = testsOf(rule);
      const shown = [' fires', ' stays silent'].map((what) =>
        tests.some(({ name }) => name.includes(rule.name + what)),
      );
      expect([rule.name, rule.window, ...shown]).toEqual([rule.name, rule.window, true, true]);
    }
  });
});
