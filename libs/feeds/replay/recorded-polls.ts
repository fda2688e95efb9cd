import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FeedKind } from '../sources/feed-source.js';
import { tarEntries } from './tar-entries.js';

/** The answer of a source to one poll: its pages in order. */
export interface RecordedPoll {
  name: string;
  pages: Buffer[];
}

const unzip = promisify(gunzip);
const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/**
 * Reads recorded polls. A file is one poll. A tar archive (gzip or not) is one poll of several pages. A folder has a poll per file,
 * archive or subfolder, in name order. Hidden files are skipped, and .gz is unpacked.
 */
export async function recordedPolls(path: string): Promise<RecordedPoll[]> {
  if (!(await stat(path)).isDirectory()) return [await pollOf(path)];
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort(byName);
  return Promise.all(names.map((name) => pollOf(join(path, name))));
}

/** Detects the kind of feed from its pages, if possible. */
export function kindOf(poll: RecordedPoll): FeedKind | undefined {
  const head = poll.pages[0]?.subarray(0, 4_000).toString('latin1') ?? '';
  if (/urn:tag:sec\.gov|action=getcurrent/.test(head)) return 'edgar';
  if (/^\s*\{/.test(head) && head.includes('jsonfeed.org')) return 'json-feed';
  return /<(rss|feed|rdf:RDF)\b/i.test(head) ? 'rss' : undefined;
}

async function pollOf(path: string): Promise<RecordedPoll> {
  const name = basename(path);
  if ((await stat(path)).isDirectory()) {
    const files = (await readdir(path)).filter((file) => !file.startsWith('.')).sort(byName);
    return { name, pages: await Promise.all(files.map((file) => contentOf(join(path, file)))) };
  }
  const content = await contentOf(path);
  if (!/\.(tar|tgz|tar\.gz)$/i.test(name)) return { name, pages: [content] };
  const entries = tarEntries(content).sort((a, b) => byName(a.name, b.name));
  return { name, pages: entries.map((entry) => entry.content) };
}

async function contentOf(path: string): Promise<Buffer> {
  const content = await readFile(path);
  return content[0] === 0x1f && content[1] === 0x8b ? unzip(content) : content;
}
