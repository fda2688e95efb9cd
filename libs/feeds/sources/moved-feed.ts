import { secretParametersOf, sendsCredential } from './source-credentials.js';
import type { SourceRow } from './source-row.js';

/** The URL that is requested. */
export function addressOf({ url, movedTo }: Pick<SourceRow, 'url' | 'movedTo'>): string {
  return movedTo ?? url;
}

/**
 * Whether a permanent redirect is remembered. It is not if credentials would be sent to another host or in clear, or if the
 * new URL contains one.
 * @param url the requested URL
 */
export function isRemembered(
  { url, headers }: { url: string; headers: Readonly<Record<string, string>> },
  movedTo: string,
): boolean {
  const [from, to] = [URL.parse(url), URL.parse(movedTo)];
  if (from === null || to === null) return false;
  if (from.protocol === 'https:' && to.protocol !== 'https:') return false;
  if (secretParametersOf(movedTo).length > 0) return false;
  const hasSecret = Object.entries(headers).some(([name, value]) => sendsCredential(name, value));
  return from.hostname === to.hostname || !hasSecret;
}
