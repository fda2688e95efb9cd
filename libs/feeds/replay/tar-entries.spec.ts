import { tarEntries } from './tar-entries.js';

function file(name: string, content: string, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

describe('a tar archive', () => {
  it('gives its files, and passes over folders and links', () => {
    const archive = Buffer.concat([
      file('dir/', '', '5'),
      file('dir/a.xml', 'A'.repeat(600)),
      file('link', '', '2'),
      file('b.xml', 'B'),
      Buffer.alloc(1_024),
    ]);
    expect(tarEntries(archive).map(({ name, content }) => [name, content.length])).toEqual([
      ['dir/a.xml', 600],
      ['b.xml', 1],
    ]);
  });

  it('that is cut off says where', () => {
    expect(() => tarEntries(file('a.xml', 'A'.repeat(600)).subarray(0, 700))).toThrow(
      'The archive is damaged or cut off at "a.xml".',
    );
  });
});
