import { DefaultNamingStrategy } from 'typeorm';

/** tradingSymbol -> trading_symbol; tables and constraints are named by hand in the entities. */
export class SnakeNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string, prefixes: string[]): string {
    const name = customName || propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [...prefixes, name].join('_');
  }
}
