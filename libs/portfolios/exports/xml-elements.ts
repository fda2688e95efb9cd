import { decodeXmlEntities } from '#text';
import { refuseExport } from './export-reading.js';

/** An element of a statement. Statements keep all values in attributes, so text is not kept. */
export interface StatementElement {
  name: string;
  attributes: Record<string, string>;
  children: StatementElement[];
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(\/?)>|</g;
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
/** Levels of a statement; real ones have six. */
const MAX_LEVELS = 32;

/**
 * Reads well-formed XML. A document type declaration is refused: it could define entities that grow.
 * @throws ExportRefused
 */
export function xmlElement(document: string, text: string): StatementElement {
  const top: StatementElement = { name: '', attributes: {}, children: [] };
  const open: StatementElement[] = [top];
  if (/<!DOCTYPE/i.test(text.slice(0, 2_000))) refuseExport(document, 'a DOCTYPE', 'XML without a DOCTYPE');
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token, closing, name, attributes = '', empty] = match;
    if (token === '<') refuseExport(document, text.slice(match.index, match.index + 60), 'well-formed XML');
    if (name === undefined) continue;
    if (closing === '/') {
      const last = open.pop()!;
      if (last.name !== name || open.length === 0) refuseExport(document, `</${name}>`, `</${last.name}>`);
      continue;
    }
    const element: StatementElement = { name, attributes: attributesOf(document, attributes), children: [] };
    open.at(-1)!.children.push(element);
    if (empty === '/') continue;
    if (open.push(element) > MAX_LEVELS) refuseExport(document, `more than ${MAX_LEVELS} levels`, 'a statement');
  }
  if (open.length > 1)
    refuseExport(document, `the end of the document within <${open.at(-1)!.name}>`, 'a whole document');
  return top.children[0] ?? refuseExport(document, 'no element', 'XML');
}

function attributesOf(document: string, text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  let at = 0;
  while (at < text.trimEnd().length) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(text);
    if (match === null) refuseExport(document, text.slice(at, at + 60), 'attributes as name="value"');
    // Defined, because a name such as __proto__ would set something else.
    Object.defineProperty(attributes, match[1]!, {
      value: decodeXmlEntities(match[2] ?? match[3]!),
      enumerable: true,
      configurable: true,
    });
    at = ATTRIBUTE.lastIndex;
  }
  return attributes;
}

/** Every element of that name within, in the order of the document. */
export function elementsNamed({ children }: StatementElement, name: string): StatementElement[] {
  return children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsNamed(child, name)]);
}
