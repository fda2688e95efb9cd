import { SnakeNamingStrategy } from './snake-naming-strategy.js';

describe('names of columns', () => {
  const naming = new SnakeNamingStrategy();

  it.each([
    ['tradingSymbol', 'trading_symbol'],
    ['id', 'id'],
    ['asOf', 'as_of'],
  ])('%s is %s', (property, column) => expect(naming.columnName(property, '', [])).toBe(column));

  it('are those given by hand, where one is', () =>
    expect(naming.columnName('tradingSymbol', 'symbolText', [])).toBe('symbolText'));
  it('carry the prefix of what embeds them', () =>
    expect(naming.columnName('lastPrice', '', ['mark'])).toBe('mark_last_price'));
});
