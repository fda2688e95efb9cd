/** The parameter by which the address of a page names the thing that it shows. */
export const OPENED = {
  alerts: 'alert',
  deliveries: 'delivery',
  events: 'event',
  feeds: 'feed',
  instruments: 'contract',
  portfolios: 'portfolio',
  webhooks: 'webhook',
} as const;

/** The address at which a page shows this thing. */
export function hrefOf(page: keyof typeof OPENED, id: string): string {
  return `/${page}?${OPENED[page]}=${encodeURIComponent(id)}`;
}
