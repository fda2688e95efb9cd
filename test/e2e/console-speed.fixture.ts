import type { Page } from 'playwright-core';
import type { TestApp } from '../setup/test-app.js';

const BROKER = 'speedy';
const DAY = '2026-11-02';

/** A portfolio whose every position moves with each quote. */
export class MovingBook {
  private moves = 0;

  constructor(
    private readonly app: TestApp,
    private readonly token: string,
    readonly positions: number,
  ) {}

  async open(): Promise<this> {
    const positions = Array.from({ length: this.positions }, (_, n) => ({
      key: `K${n}`,
      quantity: '10',
      averagePrice: '100',
      lastPrice: '100',
      previousClose: '99',
      previousCloseDate: DAY,
    }));
    const body = { broker: BROKER, account: 'S-1', asOf: `${DAY}T03:45:00Z`, currency: 'INR', cash: '0', positions };
    const { status } = await this.app.request('PUT', '/v1/portfolios/moving/snapshot', { token: this.token, body });
    expect(status).toBe(200);
    return this;
  }

  /** Moves the first `count` positions in one write. @returns their price */
  async move(count = this.positions): Promise<string> {
    const price = (100 + ++this.moves / 100).toFixed(2);
    const asOf = new Date(Date.parse(`${DAY}T04:00:00Z`) + this.moves * 1_000).toISOString();
    const quotes = Array.from({ length: count }, (_, n) => ({ broker: BROKER, key: `K${n}`, price, asOf }));
    const { status } = await this.app.request('POST', '/v1/quotes', { token: this.token, body: { quotes } });
    expect(status).toBe(200);
    return price;
  }
}

/** Resolves when a position on the page shows the price. */
export async function showsPrice(page: Page, price: string): Promise<void> {
  const shown = price.replace(/0+$/, '').replace(/\.$/, '');
  await page.locator(`[data-panel=positions] td data[value="${shown}"]`).first().waitFor();
}
