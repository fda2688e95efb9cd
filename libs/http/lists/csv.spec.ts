import { csvLine } from './csv.js';

describe('a line of CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+91 22 1234', "'+91 22 1234"],
    ['-2+3+cmd', "'-2+3+cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\rx', `"'\rx"`],
    ['  =1', "'  =1"],
    ['\n=1', `"'\n=1"`],
    ['\u200B=1', "'\u200B=1"],
    ['＝1+1', "'＝1+1"],
    ['-', "'-"],
    ['-1.5.2', "'-1.5.2"],
    ['- 1', "'- 1"],
  ])('the text %j cannot run as a formula in a spreadsheet', (text, expected) => {
    expect(csvLine([text])).toBe(`${expected}\r\n`);
  });

  it('amounts stay as they are, negative and with exponent', () => {
    expect(csvLine(['-1.90', '-4', '0.0000000000000001', '-1e-7', 12, -3.5])).toBe(
      '-1.90,-4,0.0000000000000001,-1e-7,12,-3.5\r\n',
    );
  });

  it('a cell with a separator of any country, a quote or a line end is quoted, and nothing else is', () => {
    expect(csvLine(['a,b', 'a;b', 'a\tb', 'a"b', 'a\nb', ' a', 'a ', 'NSE_EQ|INE009A01021', 'M&M'])).toBe(
      '"a,b","a;b","a\tb","a""b","a\nb"," a","a ",NSE_EQ|INE009A01021,M&M\r\n',
    );
  });

  it('null is an empty cell, a flag is a word, and an object is JSON', () => {
    expect(csvLine([null, undefined, '', true, { a: '=1' }, ['x']])).toBe(',,,true,"{""a"":""=1""}","[""x""]"\r\n');
  });
});
