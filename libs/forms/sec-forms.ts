/**
 * Forms that people spell without blank or hyphen. EDGAR's own spelling, as in its list of form types.
 * https://www.sec.gov/submit-filings/forms-index
 */
const FORMS = [
  ...['8-K', '10-K', '10-Q', '10-KT', '10-QT', '11-K', '6-K', '20-F', '40-F', 'NT 10-K', 'NT 10-Q'],
  ...['S-1', 'S-3', 'S-4', 'S-8', 'F-1', 'F-3', 'F-4', 'S-8 POS', 'DEF 14A', 'DEFA14A', 'PRE 14A'],
  ...['SCHEDULE 13D', 'SCHEDULE 13G', 'SC 13E3', 'SC 14D9', 'SC TO-I', 'SC TO-T', '13F-HR', '13F-NT', 'N-CSR'],
];

/** Names that EDGAR has replaced, and short ones. Since December 2024 EDGAR calls the form SC 13D `SCHEDULE 13D`. */
const RENAMED: Readonly<Record<string, string>> = {
  'SC 13D': 'SCHEDULE 13D',
  'SC 13G': 'SCHEDULE 13G',
  '13D': 'SCHEDULE 13D',
  '13G': 'SCHEDULE 13G',
};

const squeezed = (form: string): string => form.replace(/[ -]/g, '');

const BY_SPELLING: ReadonlyMap<string, string> = new Map([
  ...FORMS.map((form) => [squeezed(form), form] as const),
  ...Object.entries(RENAMED).map(([alias, form]) => [squeezed(alias), form] as const),
]);

/**
 * The name of a form as EDGAR writes it now, in upper case, with `/A` for an amendment. Ignores case, a leading "Form", and blanks
 * and hyphens of a known form. Another form keeps its name: `10-K405` is no `10-K`.
 */
export function canonicalForm(text: string): string {
  const written = text
    .trim()
    .toUpperCase()
    .replace(/\s+/g, ' ')
    .replace(/^FORM /, '');
  const base = written.replace(/ ?\/A$/, '');
  return `${BY_SPELLING.get(squeezed(base)) ?? base}${base === written ? '' : '/A'}`;
}
