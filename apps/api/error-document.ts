import { errorCatalogue, statusOfKind } from '#errors';

const HEAD = `# Error codes

Every error is a problem document (RFC 9457): \`{type, title, status, detail, code, correlationId}\`, over HTTP as \`application/problem+json\`, over a
socket as the acknowledgement. \`detail\` has the values; \`code\` never changes its meaning, so programs should test it. \`errors\` lists wrong fields, and
\`retryAfterMs\` (HTTP: \`Retry-After\`) is given where waiting helps.

This page is generated from the code: \`npm run docs:errors\`.
`;

/** docs/errors.md, from the catalogue of every lib that is loaded. */
export function errorDocument(): string {
  const sections = Map.groupBy(errorCatalogue(), ([code]) => code.slice(0, code.indexOf('_')));
  const tables = [...sections].map(([lib, entries]) => {
    const rows = entries.map(
      ([code, { kind, meaning, fix }]) => `| \`${code}\` | ${statusOfKind(kind)} | ${meaning} | ${fix} |`,
    );
    return `\n## ${lib}\n\n| code | status | meaning | what to do |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return HEAD + tables.join('');
}
