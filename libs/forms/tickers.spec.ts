import { canonicalTicker } from './index.js';

describe('a ticker', () => {
  it('a ticker is compared in upper case, without $, and with its class of shares after a hyphen', () => {
    for (const text of ['BRK-B', 'brk.b', 'BRK/B', ' $brk.b ']) expect(canonicalTicker(text)).toBe('BRK-B');
    for (const text of ['AAPL', 'AACT-UN', '0700.HK1', 'M&M', 'BTC/USDT']) expect(canonicalTicker(text)).toBe(text);
  });
});
