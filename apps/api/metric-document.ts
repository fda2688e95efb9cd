import { type CataloguedMetric, metricCatalogue } from '#metrics';

const HEAD = `# Metrics

Every metric at \`/metrics\`, by lib. \`npm run docs:metrics\` writes this page from the catalogue ([libs/metrics](../libs/metrics/README.md)).
The unit \`count\` is a number of things, and \`info\` a constant 1. Prometheus adds \`job\` and \`instance\` to each series, and \`le\` to
the buckets of a histogram. [prometheus/alerts.yml](../prometheus/alerts.yml) has the alert rules.
`;

/** The text of docs/metrics.md. */
export function metricDocument(): string {
  const catalogue = metricCatalogue();
  const libs = [...new Set(catalogue.map(({ lib }) => lib))];
  const sections = libs.map((lib) => {
    const rows = catalogue.filter((metric) => metric.lib === lib).map(rowOf);
    return [`## ${lib}`, '', '| metric | type | unit | labels | meaning |', '|---|---|---|---|---|', ...rows].join(
      '\n',
    );
  });
  return `${HEAD}\n${sections.join('\n\n')}\n`;
}

function rowOf({ name, type, unit, labels, help, buckets }: CataloguedMetric): string {
  const named = Object.entries(labels).map(
    ([label, bounds]) => `\`${label}\`: ${typeof bounds === 'string' ? bounds : bounds.join(', ')}`,
  );
  const meaning = buckets.length === 0 ? help : `${help}. Buckets: ${buckets.join(', ')}`;
  return `| \`${name}\` | ${type} | ${unit} | ${named.join('; ')} | ${meaning} |`;
}
