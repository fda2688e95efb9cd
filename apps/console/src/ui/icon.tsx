/** Paths on a grid of 16 by 16, drawn with a line of 1.5. */
const PATHS = {
  account: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14c.6-2.6 2.8-4 5.5-4s4.900 1.400 5.500 4',
  alerts:
    'M8 2a4 4 0 0 0-4 4c0 3.500-1.500 4.500-1.500 5.500h11C13.500 10.500 12 9.500 12 6a4 4 0 0 0-4-4ZM6.500 13.500a1.500 1.500 0 0 0 3 0',
  audit: 'M4 2h6l3 3v9H4ZM9.500 2v3.500H13M6 8h5M6 10.500h5',
  check: 'm3 8.500 3.200 3.200L13 5',
  close: 'm4 4 8 8m0-8-8 8',
  copy: 'M6 6h7v7H6ZM3 10V3h7',
  deliveries: 'M2 3h12v10H2Zm0 1 6 5 6-5',
  desk: 'M2 2.500h5v5H2Zm7 0h5v3H9Zm0 5h5v6H9Zm-7 2h5v4H2Z',
  down: 'm4 6 4 4 4-4',
  download: 'M8 2v8m-3-3 3 3 3-3M3 13.500h10',
  events: 'M2 8h3l2-5 2.500 10L11.500 8H14',
  feeds: 'M3 12.500a.5.500 0 1 0 1 0 .5.500 0 0 0-1 0ZM3 8a5 5 0 0 1 5 5M3 3.500A9.500 9.500 0 0 1 12.500 13',
  filings: 'M2.500 4.500h4l1.500 2h5.500v7h-11Z',
  filter: 'M2 3.500h12M4.500 8h7M7 12.500h2',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.200 6.200a1.900 1.900 0 1 1 2.700 1.900c-.6.300-.9.700-.9 1.300M8 11.600v.1',
  instruments: 'M3 14V8m3.500 6V3M10 14V6m3.500 8v-4',
  left: 'm10 4-4 4 4 4',
  menu: 'M2 4h12M2 8h12M2 12h12',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500Z',
  pause: 'M5.500 3v10m5-10v10',
  play: 'm5 3 8 5-8 5Z',
  plus: 'M8 3v10M3 8h10',
  portfolios: 'M2 5.500h12v8H2Zm3.500 0V3h5v2.500M2 9h12',
  refresh: 'M13 8a5 5 0 1 1-1.500-3.600M13 2v3h-3',
  right: 'm6 4 4 4-4 4',
  rules: 'M3 3h4v3H3Zm0 7h4v3H3Zm6-5.500h4M9 11.500h4',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.600-1.400L14 14',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.500m0 11V15M1 8h1.500m11 0H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1',
  system: 'M2.500 3h11v4h-11Zm0 6h11v4h-11ZM5 5h.1M5 11h.1',
  trash: 'M3 4.500h10M6 4.500V3h4v1.500m-5.500 0 .5 9h6l.5-9',
  up: 'm4 10 4-4 4 4',
  users:
    'M6 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Zm-4.500 5.500c.4-2.200 2.200-3.500 4.500-3.500s4.100 1.300 4.500 3.500M10.500 3.200a2.500 2.500 0 0 1 0 4.600m1.500 2.600c1.300.5 2.200 1.600 2.500 3.100',
  warning: 'M8 2 14.500 13.500h-13ZM8 6.500v3.500m0 1.800v.1',
  webhooks: 'M6 6.500a3 3 0 1 1 4 1l-1-2M5 8.500a3 3 0 1 0 2.500 4.500H11m-1-2.500a3 3 0 1 1-1 3',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture without a meaning of its own: the text beside it, or the label of its button, says what it is. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
