import { tarEntries } from './tar-entries.js';

function file(name: string, content: string, type = '0', size = content.length.toString(8).padStart(11, '0')): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${size}\0`, 124);
  header.write(type, 156);
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

const END = Buffer.alloc(1_024);
const damaged = (name: string) => `The archive is damaged or cut off at "${name}".`;

describe('a tar archive', () => {
  it('a tar archive gives its files, and skips folders and links', () => {
    const entries = [
      file('dir/', '', '5'),
      file('dir/a.xml', 'A'.repeat(600)),
      file('link', '', '2'),
      file('b.xml', 'B'),
    ];
    const found = tarEntries(Buffer.concat([...entries, file('empty', ''), END]));
    expect(found.map(({ name, content }) => [name, content.toString()])).toEqual([
      ['dir/a.xml', 'A'.repeat(600)],
      ['b.xml', 'B'],
      ['empty', ''],
    ]);
  });

  it('a tar archive is read from the middle of a larger buffer', () => {
    const archive = Buffer.concat([file('a.xml', 'A'), END]);
    const larger = Buffer.concat([Buffer.alloc(700, 'x'), archive]);
    expect(tarEntries(larger.subarray(700))).toEqual([{ name: 'a.xml', content: Buffer.from('A') }]);
  });

  it('a tar archive may have names of more than 100 characters', () => {
    const name = `${'folder/'.repeat(20)}page-1.xml`;
    const long = Buffer.concat([file('././@LongLink', name, 'L'), file(name.slice(0, 100), 'A'), END]);
    expect(tarEntries(long)).toEqual([{ name, content: Buffer.from('A') }]);
  });

  it('a tar archive gives an error with the position if it is cut off', () => {
    expect(() => tarEntries(file('a.xml', 'A'.repeat(600)).subarray(0, 700))).toThrow(damaged('a.xml'));
  });

  it('a tar archive gives an error with the position if a size is not a number', () => {
    const archive = Buffer.concat([file('a.xml', 'A'), file('b.xml', 'B', '0', 'rubbish'), END]);
    expect(() => tarEntries(archive)).toThrow(damaged('b.xml'));
  });
});
