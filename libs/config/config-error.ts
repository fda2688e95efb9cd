/** One problem of the environment. `seen` is already masked if the key is a secret. */
export interface ConfigProblem {
  key: string;
  seen: string;
  expected: string;
}

/** Every problem of the environment at once. Nothing has been started when it is thrown. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(`The environment has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n\n${table(problems)}`);
    this.name = 'ConfigError';
  }
}

function table(problems: readonly ConfigProblem[]): string {
  const rows = [['KEY', 'SEEN', 'EXPECTED'], ...problems.map((p) => [p.key, p.seen, p.expected])];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row[0]!.padEnd(widths[0]!)}  ${row[1]!.padEnd(widths[1]!)}  ${row[2]}`).join('\n');
}
