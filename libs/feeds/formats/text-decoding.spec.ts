import { decodeText } from './text-decoding.js';

const latin = (text: string) => Buffer.from(text, 'latin1');
const xml = (encoding: string, text: string) => `<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`;

describe('the encoding of a document', () => {
  it.each([
    ['the declared ISO-8859-1 is used', latin(xml('ISO-8859-1', 'São')), undefined, 'São', null],
    ['UTF-8 is the default encoding of a document', Buffer.from('<a>São €</a>'), undefined, 'São €', null],
    [
      'the charset of the header wins over that of the document',
      Buffer.from(xml('ISO-8859-1', 'São')),
      'text/xml; charset="UTF-8"',
      'São',
      null,
    ],
    ['a byte order mark wins over both', Buffer.from('\uFEFF<a>São</a>'), 'text/xml; charset=iso-8859-1', 'São', null],
    ['a byte order mark selects UTF-16', Buffer.from('\uFEFF<a>São</a>', 'utf16le'), undefined, 'São', null],
    [
      'the charset of the document applies when the header is wrong',
      latin(xml('ISO-8859-1', 'São')),
      'text/xml; charset=utf-8',
      'São',
      'the header says utf-8, the document is iso-8859-1',
    ],
    [
      'bytes that violate the declared charset are read as windows-1252',
      latin('<a>São</a>'),
      undefined,
      'São',
      'it is not utf-8, as it says; read as windows-1252',
    ],
    [
      'an unknown charset is read as windows-1252',
      Buffer.from('<a>abc</a>'),
      'text/xml; charset=klingon',
      'abc',
      'the encoding klingon is unknown; read as windows-1252',
    ],
  ])('%s', (_what, bytes, contentType, text, warning) => {
    const decoded = decodeText(bytes, contentType);
    expect(decoded.text).toContain(text);
    expect(decoded.warning).toBe(warning);
  });
});
