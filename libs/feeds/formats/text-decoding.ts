import { TextDecoder } from 'node:util';

export interface DecodedText {
  text: string;
  /** The encoding used. */
  encoding: string;
  /** The reason why the declared encoding was not used. */
  warning: string | null;
}

const BOMS: readonly [string, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/**
 * Decodes bytes by their byte order mark or the zero bytes of UTF-16, the charset of the header, the XML declaration, or as UTF-8,
 * in this order. If that fails, decodes as windows-1252, which never fails, with a warning.
 * @param contentType content type of the answer
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): DecodedText {
  const mark = BOMS.find(([, bom]) => bom.every((byte, at) => bytes[at] === byte));
  const wide = mark === undefined ? unmarkedUtf16(bytes) : undefined;
  const named = mark?.[0] ?? wide ?? narrow(charsetOf(contentType)) ?? narrow(declared(bytes)) ?? 'utf-8';
  const decoder = decoderOf(named);
  if (decoder === undefined) return fallback(bytes, `the encoding ${named} is unknown`);
  try {
    return { text: decoder.decode(bytes), encoding: decoder.encoding, warning: null };
  } catch {
    // A header often says utf-8 by default, and the document declares another encoding.
    const own = narrow(declared(bytes));
    const other = own === undefined || own === named ? undefined : decoderOf(own);
    if (other === undefined || mark !== undefined || wide !== undefined)
      return fallback(bytes, `it is not ${decoder.encoding}, as it says`);
    try {
      return {
        text: other.decode(bytes),
        encoding: other.encoding,
        warning: `the header says ${named}, the document is ${own}`,
      };
    } catch {
      return fallback(bytes, `it is neither ${named} nor ${own}`);
    }
  }
}

/** Markup and JSON begin with ASCII, so two characters show whether each has a zero byte before or after it (XML, appendix F). */
function unmarkedUtf16(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : undefined;
}

/** Bytes without zeros are not UTF-16, although programs of Windows write so into UTF-8. */
function narrow(encoding: string | undefined): string | undefined {
  return encoding !== undefined && /^utf-?16/.test(encoding) ? undefined : encoding;
}

function fallback(bytes: Uint8Array, reason: string): DecodedText {
  return {
    text: new TextDecoder('windows-1252').decode(bytes),
    encoding: 'windows-1252',
    warning: `${reason}; read as windows-1252`,
  };
}

function decoderOf(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name, { fatal: true });
  } catch {
    return undefined;
  }
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType ?? '')?.[1]?.toLowerCase();
}

/** Searches the first bytes of XML, which are ASCII in every encoding except UTF-16. */
function declared(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  return /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1]?.toLowerCase();
}
