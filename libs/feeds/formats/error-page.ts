/** A web page in place of a feed. */
export interface ErrorPage {
  kind: 'rate-exceeded' | 'undeclared-tool' | 'unavailable' | 'web-page';
  /** Title of the page. */
  title: string;
  /** Pause that the page asks for, in ms. */
  retryAfterMs?: number;
}

const MINUTE = 60_000;

/**
 * Recognises a web page in place of a feed, or returns undefined. Knows the SEC's three pages: rate limit (10
 * minutes), a client without a contact, and unavailable (also after the last page).
 */
export function errorPageOf(text: string): ErrorPage | undefined {
  const head = text.slice(0, 4_000);
  if (!/^\s*(?:<!--[\s\S]*?-->\s*)?(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b/i.test(head)) return undefined;
  // Bounded, with `[^<>]`: a page of repeated `<title` took quadratic time, hours for 16 MB.
  const start = text.slice(0, 100_000);
  const title = (/<title[^<>]*>([^<]{1,200})/i.exec(start)?.[1] ?? 'no title').replace(/\s+/g, ' ').trim();
  // Before the rate limit: some versions of the page have the title of that one.
  if (/undeclared automated tool/i.test(`${title} ${text.slice(0, 20_000)}`))
    return { kind: 'undeclared-tool', title, retryAfterMs: 10 * MINUTE };
  if (/rate threshold exceeded|too many requests|traffic limit/i.test(`${title} ${text.slice(0, 20_000)}`)) {
    const minutes = Number(/(\d{1,3}) minutes?/.exec(start)?.[1] ?? '10');
    return { kind: 'rate-exceeded', title, retryAfterMs: Math.max(minutes, 1) * MINUTE };
  }
  if (
    /unavailable|undergoing maintenance/i.test(title) ||
    /temporarily unavailable|undergoing maintenance/i.test(start)
  ) {
    return { kind: 'unavailable', title };
  }
  return { kind: 'web-page', title };
}
