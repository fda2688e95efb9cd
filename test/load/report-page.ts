import type { LoadReport, Percentiles, PhaseResult, Sample } from './load-report.js';
import type { Verdict } from './thresholds.js';

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [560, 190, 48, 10, 24];
const COLORS = ['#1769aa', '#c2410c', '#15803d'];

interface Series {
  name: string;
  of: (sample: Sample) => number;
}

const CHARTS: readonly { title: string; unit: string; series: readonly Series[] }[] = [
  {
    title: 'Requests per second',
    unit: '/s',
    series: [
      { name: 'answered', of: ({ requestsPerSecond }) => requestsPerSecond },
      { name: 'failed in the interval', of: ({ failures }) => failures },
    ],
  },
  { title: 'Request time, p99', unit: 'ms', series: [{ name: 'p99', of: ({ p99Ms }) => p99Ms }] },
  { title: 'Subscribed sockets', unit: '', series: [{ name: 'sockets', of: ({ sockets }) => sockets }] },
  { title: 'Frames to screens per second', unit: '/s', series: [{ name: 'frames', of: (at) => at.framesPerSecond }] },
  { title: 'Quotes per second', unit: '/s', series: [{ name: 'acknowledged', of: (at) => at.quotesPerSecond }] },
  {
    title: 'Cores in use',
    unit: '',
    series: [
      { name: 'desk', of: ({ deskCores }) => deskCores },
      { name: 'PostgreSQL', of: ({ postgresCores }) => postgresCores },
    ],
  },
];

/** A report as one HTML file that needs no other file and no network. */
export function reportPage(report: LoadReport, verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ pass }) => !pass);
  const { size, machine, processes, truth } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Load test of Deskwire, ${report.at}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; color: #1c2733; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
.result { display: inline-block; padding: .3rem .8rem; border-radius: 4px; font-weight: 600; color: #fff; background: ${failed.length === 0 ? '#15803d' : '#b91c1c'} }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 1rem }
figure { margin: 0; border: 1px solid #d5dde5; border-radius: 6px; padding: .6rem } figcaption { font-weight: 600 }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: #52606d }
.key { font-weight: 400; font-size: .85rem; margin-left: .8rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid #e4e9ee } th:first-child, td:first-child { text-align: left }
.fail td { color: #b91c1c; font-weight: 600 } .scroll { overflow-x: auto }
</style></head><body>
<h1>Load test: a trading day</h1>
<p class="result">${failed.length === 0 ? `Passed: ${verdicts.length} of ${verdicts.length} thresholds` : `Failed: ${failed.length} of ${verdicts.length} thresholds`}</p>
<p>${escape(report.at)} · ${processes} process${processes === 1 ? '' : 'es'} · ${machine.cores} cores (${escape(machine.model)}), Node.js ${escape(machine.node)}, shared with PostgreSQL and the generator of the load ·
${size.traders} traders, ${size.sockets} sockets, ${size.readsPerSecond} reads/s, ${size.quotesPerSecond} quotes/s, ${size.newsPerSecond} alerts/s in the burst</p>
${failed.length === 0 ? '' : `<h2>Failed thresholds</h2>${verdictTable(failed)}`}
<h2>The day</h2>
<div class="charts">${CHARTS.map((chart) => figure(chart, report)).join('\n')}</div>
<h2>Phases</h2>
<div class="scroll">${phaseTable(report.phases)}</div>
<p>${truth.comparedScreens - truth.differentScreens} of ${truth.comparedScreens} comparisons at the ends of phases found a screen equal to what REST answers.
Alerts: ${truth.lostAlerts} lost, ${truth.doubledAlerts} delivered twice.</p>
<h2>All thresholds</h2>
${verdictTable(verdicts)}
</body></html>
`;
}

function figure({ title, unit, series }: (typeof CHARTS)[number], { samples, phases }: LoadReport): string {
  const end = Math.max(1, ...samples.map(({ atMs }) => atMs));
  const top = nice(Math.max(...samples.flatMap((sample) => series.map(({ of }) => of(sample))), 0));
  const x = (ms: number) => LEFT + (ms / end) * (WIDTH - LEFT - 6);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  let begun = 0;
  const bands = phases.map(({ name, seconds }, at) => {
    const [from, to] = [begun, Math.min(end, begun + seconds * 1_000)];
    begun = to;
    const band =
      at % 2 === 0
        ? `<rect x="${px(x(from))}" y="${TOP}" width="${px(x(to) - x(from))}" height="${HEIGHT - TOP - BOTTOM}" fill="#f3f6f9"/>`
        : '';
    return `${band}<text x="${px((x(from) + x(to)) / 2)}" y="${HEIGHT - 8}" text-anchor="middle">${name}</text>`;
  });
  const lines = [0, 0.5, 1].map((share) => {
    const at = px(y(top * share));
    return `<line x1="${LEFT}" x2="${WIDTH - 6}" y1="${at}" y2="${at}" stroke="#dbe2e9"/><text x="${LEFT - 5}" y="${at + 4}" text-anchor="end">${label(top * share)}</text>`;
  });
  const curves = series.map(({ of }, at) => {
    const points = samples.map((sample) => `${px(x(sample.atMs))},${px(y(of(sample)))}`).join(' ');
    return `<polyline fill="none" stroke="${COLORS[at]}" stroke-width="1.8" points="${points}"/>`;
  });
  const key = series.map(({ name }, at) => `<span class="key" style="color:${COLORS[at]}">${escape(name)}</span>`);
  const drawn = [...bands, ...lines, ...curves].join('');
  return `<figure><figcaption>${escape(title)}${unit === '' ? '' : ` (${unit})`}${key.join('')}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">${drawn}</svg></figure>`;
}

function phaseTable(phases: readonly PhaseResult[]): string {
  const pair = ({ p50, p99 }: Percentiles) => (p99 === 0 ? '–' : `${Math.round(p50)} / ${Math.round(p99)}`);
  const rows: [string, (phase: PhaseResult) => string | number][] = [
    ['duration, s', ({ seconds }) => seconds],
    ['requests', ({ requests }) => requests],
    ['failed requests', ({ failures }) => failures],
    ['read, p50 / p99 ms', ({ readMs }) => pair(readMs)],
    ['quotes', ({ quotes }) => quotes],
    ['request with quotes, p50 / p99 ms', ({ quoteMs }) => pair(quoteMs)],
    ['frames to screens', ({ frames }) => frames],
    ['from commit to screen, p50 / p99 ms', ({ screenMs }) => pair(screenMs)],
    ['sockets that subscribed', ({ subscriptions }) => subscriptions],
    ['until subscribed, p50 / p99 ms', ({ subscribeMs }) => pair(subscribeMs)],
    ['refused attempts to connect', ({ refused }) => refused],
    ['alerts', ({ alerts }) => alerts],
    ['from commit to webhook, p50 / p99 ms', ({ webhookMs }) => pair(webhookMs)],
    ['desk, cores', ({ deskCores }) => deskCores],
    ['PostgreSQL, cores', ({ postgresCores }) => postgresCores],
    ['generator late, p99 ms', ({ generatorLagMs }) => generatorLagMs],
  ];
  const head = phases.map(({ name, about }) => `<th title="${escape(about)}">${name}</th>`).join('');
  const body = rows.map(
    ([name, of]) => `<tr><td>${name}</td>${phases.map((phase) => `<td>${of(phase)}</td>`).join('')}</tr>`,
  );
  return `<table id="phases"><thead><tr><th></th>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(
    ({ what, seen, limit, unit, pass }) =>
      `<tr class="${pass ? 'pass' : 'fail'}"><td>${escape(what)}</td><td>${seen} ${unit}</td><td>${limit} ${unit}</td><td>${pass ? 'ok' : 'FAILED'}</td></tr>`,
  );
  return `<table class="verdicts"><thead><tr><th>threshold</th><th>measured</th><th>at most</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** The next round number, so that the axis has readable labels. */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 0.01)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((round) => round >= value) ?? 1;
}

const px = (value: number) => Math.round(value * 10) / 10;
const label = (value: number) =>
  value >= 1_000 ? `${Math.round(value / 100) / 10}k` : String(Math.round(value * 100) / 100);
const escape = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
