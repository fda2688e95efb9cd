// Prints results as bench/run.mjs reads them: JSON lines.

/** Prints a ratio, which fails the bench below its floor. */
export function printed(bench: string) {
  return (what: string, ratio: number, floor: number, numbers: object): void =>
    write({ bench, what, ratio, floor, pass: ratio >= floor, ...numbers });
}

/** Prints an absolute figure beside its target, which fails nothing. */
export function shown(bench: string) {
  return (what: string, measured: number, limit: 'at least' | 'at most', target: number, numbers: object): void => {
    const met = limit === 'at least' ? measured >= target : measured <= target;
    write({ bench, what, measured, target: `${limit} ${target}`, met, ...numbers });
  };
}

function write(line: object): void {
  const rounded = Object.entries(line).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toFixed(3)) : (value as unknown),
  ]);
  console.log(JSON.stringify(Object.fromEntries(rounded)));
}
