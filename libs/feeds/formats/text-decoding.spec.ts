import { decodeText } from './text-decoding.js';

const latin = (text: string) => Buffer.from(text, 'latin1');
const xml = (encoding: string, text: string) => `<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`;

describe('the encoding of a document', () => {
  it.each([
    ['declared ISO-8859-1', latin(xml('ISO-8859-1', 'São')), undefined, 'São', null],
    ['UTF-8 by default', Buffer.from('<a>São €</a>'), undefined, 'São €', null],
    [
      'of the header before that of the document',
      Buffer.from(xml('ISO-8859-1', 'São')),
      'text/xml; charset="UTF-8"',
      'São',
      null,
    ],
    ['of a byte order mark before both', Buffer.from('\uFEFF<a>São</a>'), 'text/xml; charset=iso-8859-1', 'São', null],
    ['UTF-16 by its mark', Buffer.from('\uFEFF<a>São</a>', 'utf16le'), undefined, 'São', null],
    [
      'of the document, where the header is wrong',
      latin(xml('ISO-8859-1', 'São')),
      'text/xml; charset=utf-8',
      'São',
      'the header says utf-8, the document is iso-8859-1',
    ],
    ['none that it says', latin('<a>São</a>'), undefined, 'São', 'it is not utf-8, as it says; read as windows-1252'],
    [
      'one that nobody knows',
      Buffer.from('<a>abc</a>'),
      'text/xml; charset=klingon',
      'abc',
      'the encoding klingon is unknown; read as windows-1252',
    ],
  ])('is %s', (_what, bytes, contentType, text, warning) => {
    const decoded = decodeText(bytes, contentType);
    expect(decoded.text).toContain(text);
    expect(decoded.warning).toBe(warning);
  });
});
