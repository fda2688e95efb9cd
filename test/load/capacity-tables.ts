import type { Cost, Step } from './capacity.js';
import { TIME_LIMITS } from './thresholds.js';

/** A market with many screens, for the arithmetic. */
const MARKET = { quotesPerSecond: 20_000, socketsPerNode: 10_000, framesPerSocket: 0.5, readsPerSocket: 0.02 };
const NODES = [1, 2, 10, 100];
/** Connections of a process in deploy/kubernetes: two pools and one for the start. */
const CONNECTIONS = 26;

/** What a desk of some nodes needs, by the measured costs. */
export interface Scale {
  nodes: number;
  sockets: number;
  /** Cores of a node for the frames and reads of its own sockets. */
  ownCores: number;
  /** Cores of a node that read and apply the quotes of the whole market. */
  marketCores: number;
  postgresCores: number;
  connections: number;
  /** Changed rows that all nodes together read from the change feed, per second. */
  feedRows: number;
}

/**
 * One process accepts a quote and applies it; a second one only applies it. So the cost of two processes less that of one is
 * what each further node adds, on itself and on PostgreSQL.
 */
export function scaleOf([one, two]: readonly [Cost, Cost], nodes: number): Scale {
  const { quotesPerSecond, socketsPerNode, framesPerSocket, readsPerSocket } = MARKET;
  const cores = (count: number, per1000: number) => (count * per1000) / 1_000 / 1_000;
  const added = (what: 'desk' | 'postgres') => Math.max(0, two.per1000Quotes[what] - one.per1000Quotes[what]);
  const accepted = Math.max(0, one.per1000Quotes.desk - added('desk'));
  const reads = socketsPerNode * readsPerSocket;
  return {
    ...{ nodes, sockets: nodes * socketsPerNode, connections: nodes * CONNECTIONS, feedRows: nodes * quotesPerSecond },
    ownCores: cores(socketsPerNode * framesPerSocket, one.per1000Frames.desk) + cores(reads, one.per1000Reads.desk),
    marketCores: cores(quotesPerSecond, added('desk')) + cores(quotesPerSecond / nodes, accepted),
    postgresCores:
      cores(quotesPerSecond, one.per1000Quotes.postgres + (nodes - 1) * added('postgres')) +
      cores(nodes * reads, one.per1000Reads.postgres),
  };
}

/** The tables of docs/capacity.md, in Markdown. */
export function capacityTables(steps: readonly Step[], costs: readonly [Cost, Cost]): string {
  const both = ({ desk, postgres }: Cost['per1000Reads']) => `${desk.toFixed(1)} + ${postgres.toFixed(1)}`;
  const kept = ({ readP99, screenP99, failures }: Step) =>
    failures === 0 && readP99 <= TIME_LIMITS.readP99 && screenP99 <= TIME_LIMITS.screenP99;
  const { quotesPerSecond, socketsPerNode, framesPerSocket, readsPerSocket } = MARKET;
  return [
    'One process on this machine:',
    '',
    '| sockets | quotes/s | reads/s | desk, cores | PostgreSQL, cores | read p99, ms | screen p99, ms | failed | within the limits |',
    '|---|---|---|---|---|---|---|---|---|',
    ...steps.map(
      (step) =>
        `| ${step.sockets} | ${step.quotesPerSecond} | ${step.readsPerSecond} | ${step.deskCores.toFixed(2)} | ${step.postgresCores.toFixed(2)} | ${Math.round(step.readP99)} | ${Math.round(step.screenP99)} | ${step.failures} | ${kept(step) ? 'yes' : 'no'} |`,
    ),
    '',
    'Processor time, in ms, desk + PostgreSQL:',
    '',
    '| processes | idle, cores | 1,000 reads | 1,000 quotes | 1,000 frames |',
    '|---|---|---|---|---|',
    ...costs.map(
      (cost) =>
        `| ${cost.processes} | ${cost.idleCores.toFixed(3)} | ${both(cost.per1000Reads)} | ${both(cost.per1000Quotes)} | ${both(cost.per1000Frames)} |`,
    ),
    '',
    `With ${quotesPerSecond} quotes/s in all, and ${socketsPerNode} sockets a node with ${framesPerSocket} frames/s and ${readsPerSocket} reads/s each:`,
    '',
    '| nodes | sockets | cores a node, own sockets | cores a node, whole market | PostgreSQL, cores | its connections | feed rows read/s |',
    '|---|---|---|---|---|---|---|',
    ...NODES.map((nodes) => scaleOf(costs, nodes)).map(
      (scale) =>
        `| ${scale.nodes} | ${scale.sockets} | ${scale.ownCores.toFixed(1)} | ${scale.marketCores.toFixed(1)} | ${scale.postgresCores.toFixed(1)} | ${scale.connections} | ${scale.feedRows} |`,
    ),
  ].join('\n');
}
