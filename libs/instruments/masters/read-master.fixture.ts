import { crc32, deflateRawSync } from 'node:zlib';
import { detectMember } from './master-detection.js';
import { type MasterMapping, masterMappingSchema } from './master-mapping.js';
import { MasterText } from './master-text.js';
import { type ImportIssue, StagingLines } from './staging-lines.js';

/** A contract as an import stores it. Decimals have no zeros at their end. */
export type StoredContract = Record<string, string | null>;

/** A master that was read to its end. */
export interface ReadMaster {
  mapping: MasterMapping;
  rows: StoredContract[];
  quarantined: number;
  filtered: number;
  warnings: number;
  issues: ImportIssue[];
  whole: boolean;
}

const COLUMNS = ['key', 'exchange', 'segment', 'tradingsymbol', 'name', 'expiry', 'strike', 'instrumentType'];
const DECIMALS = ['strike', 'tickSize', 'lotSize'];

/** Checks a mapping given as JSON. Its name may be missing. */
export const mappingOf = (mapping: object): MasterMapping => masterMappingSchema.parse({ name: 'made', ...mapping });

/** Reads a master as an import does, without a database. @throws DomainError as the import */
export async function readMaster(
  content: string | Uint8Array,
  { broker = 'made', mapping, pieces = 64 * 1024 }: { broker?: string; mapping?: MasterMapping; pieces?: number } = {},
): Promise<ReadMaster> {
  const bytes = Buffer.from(content as string);
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces);
  }
  const limits = { maxBytes: 1024 ** 3, maxLineBytes: 1024 ** 2, idleMs: 60_000 };
  const text = new MasterText(source(), limits, mapping, (names) => detectMember(broker, names));
  const lines = await StagingLines.of(text.chunks(), broker, mapping, text);
  const rows: StoredContract[] = [];
  for await (const piece of lines.copyText())
    for (const line of piece.split('\n').filter((one) => one !== '' && one.split('\t')[1] === 'f'))
      rows.push(contractOf(line));
  const { quarantined, filtered, warnings, issues, whole } = lines;
  return { mapping: lines.mapping, rows, quarantined, filtered, warnings, issues, whole };
}

function contractOf(line: string): StoredContract {
  const cells = line
    .split('\t')
    .slice(2)
    .map((cell) => (cell === '\\N' ? null : cell.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char)));
  const names = [...COLUMNS, 'tickSize', 'lotSize'];
  const row = Object.fromEntries(names.map((name, index) => [name, cells[index]!]));
  for (const name of DECIMALS) if (row[name] !== null) row[name] = plain(row[name]!);
  return { ...(JSON.parse(cells[names.length]!) as Record<string, string>), ...row };
}

const ESCAPES: Record<string, string> = { t: '\t', n: '\n', r: '\r' };

/** `885000000.000000e-7` as 88.5. */
function plain(decimal: string): string {
  const [digits = '', exponent = '0'] = decimal.toLowerCase().replace('+', '').split('e');
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  const point = whole.length + Number(exponent);
  const all = (whole + fraction).padStart(whole.length + fraction.length + Math.max(0, -point), '0');
  const shiftedPoint = Math.max(point, 0);
  const padded = all.padEnd(shiftedPoint, '0');
  const text = `${padded.slice(0, shiftedPoint) || '0'}.${padded.slice(shiftedPoint)}`;
  const trimmed = text.replace(/^0+(?=\d)/, '').replace(/\.?0*$/, '');
  return digits.startsWith('-') && trimmed !== '0' ? `-${trimmed}` : trimmed;
}

/** A ZIP file of stored or deflated members. */
export function zipOf(members: Record<string, string | Buffer>, { isDeflated = false } = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(members)) {
    const [file, content] = [Buffer.from(name), Buffer.from(text as string)];
    const bytes = isDeflated ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isDeflated ? 8 : 0, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(file.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, file, bytes]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, rest, file]));
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(centrals.length, 4);
  end.writeUInt16LE(centrals.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end]);
}
