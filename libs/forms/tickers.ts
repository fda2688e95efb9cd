/**
 * A ticker as it is compared and stored: in upper case, without a leading `$`, and a class of shares after a hyphen, as the SEC writes
 * it: `brk.b` and `BRK/B` are `BRK-B`.
 */
export function canonicalTicker(text: string): string {
  return text
    .trim()
    .replace(/^\$/, '')
    .toUpperCase()
    .replace(/[./](?=[A-Z]{1,2}$)/, '-');
}
