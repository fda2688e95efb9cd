import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Background } from '#background';
import { Redis } from '#redis';
import { type LimitReport, LimitReports, Peers } from '#throttling';
import { type BudgetRefusal, ConnectionBudget } from './connection-budget.js';
import { realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { ENTER, RENEW, WRITE } from './socket-share-scripts.js';

/** The counts of a process end this long after its last renewal, in ms. */
const LEASE_MS = 5_000;
/** Interval of the renewals, in ms: an accepted connection per interval is one per second. */
const RENEW_MS = 1_000;
const FIELDS_AT_ONCE = 500;
/** Users and addresses that are remembered as refused until the next renewal. */
const MAX_FULL = 10_000;

/**
 * Counts the sockets of all processes. Each process keeps its own counts in a hash in Redis, which ends with the process: the
 * connections of a killed process are free again after 5 s. Redis is asked once per authenticated handshake, never for one
 * that is refused by what this process knows.
 */
@Injectable()
export class SocketShares implements OnModuleInit, BeforeApplicationShutdown {
  readonly budget: ConnectionBudget;
  readonly #key: string;
  readonly #prefix: string;
  /** Counts that must be written. */
  readonly #changed = new Map<string, () => number>();
  /** What the other processes had of a user or address that was refused. */
  readonly #full = new Map<string, number>();
  #writing = false;
  /** False until what changed during the join is written too. */
  #complete = true;
  #acceptedBefore = 0;
  #rateOfAll = 0;

  constructor(
    @Inject(realtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly redis: Redis,
    private readonly peers: Peers,
    reports: LimitReports,
  ) {
    const total = config.maxConnections;
    const forOperators = (places: number): number => Math.floor((places * config.operatorPercent) / 100);
    this.budget = new ConnectionBudget({
      total,
      forOperators: forOperators(total),
      handshakesPerAddress: config.maxHandshakesPerAddress,
      perUser: config.maxPerUser || Math.max(1, Math.ceil(total / 2)),
      perAddress: config.maxPerAddress || total,
      perSecond: config.connectsPerSecond,
      cluster: config.maxOfCluster,
      clusterForOperators: forOperators(config.maxOfCluster),
    });
    this.#prefix = `${redis.key('sockets')}:`;
    this.#key = this.#prefix + peers.id;
    this.#share(0, 0);
    reports.add(() => this.#reports());
  }

  onModuleInit(): void {
    this.peers.onJoin(async () => {
      await this.#writeAll();
      await this.#renewNow(0);
      this.#complete = false;
    });
  }

  /** Before the connection closes. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.peers.joined) await this.redis.run((client) => client.del(this.#key)).catch(() => undefined);
  }

  /** Counts an authenticated connection. `leave` undoes it, also if the connection ends while this waits. */
  async enter(userId: string, address: string, isOperator: boolean): Promise<BudgetRefusal | undefined> {
    const { budget } = this;
    const early = budget.enter(userId, address, isOperator);
    if (early !== undefined || !this.peers.joined) return early;
    const refusal = await this.#enterTogether(userId, address, isOperator);
    if (refusal !== undefined) this.leave(userId, address);
    return refusal;
  }

  leave(userId: string, address: string): void {
    this.budget.leave(userId, address);
    const { users, addresses } = this.budget.counts;
    if (!this.peers.joined) return;
    this.#changed.set(this.#fieldOf('user', userId), () => users.get(userId) ?? 0);
    this.#changed.set(this.#fieldOf('address', address), () => addresses.get(address) ?? 0);
    if (!this.#writing) void this.#writeChanged();
  }

  @Background({
    name: 'realtime-shares',
    every: RENEW_MS,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  async renew(): Promise<void> {
    const accepted = this.budget.accepted - this.#acceptedBefore;
    this.#acceptedBefore = this.budget.accepted;
    this.#full.clear();
    if (!this.peers.joined) return this.#share(0, 0, accepted);
    // Redis reports its own failures, and the lease lasts for several renewals.
    await this.#renewNow(accepted).catch(() => undefined);
  }

  async #enterTogether(userId: string, address: string, isOperator: boolean): Promise<BudgetRefusal | undefined> {
    const { perUser } = this.budget.limits;
    const { users, addresses } = this.budget.counts;
    const fields = [this.#fieldOf('user', userId), this.#fieldOf('address', address)] as const;
    const own = [this.budget.used, users.get(userId)!, addresses.get(address)!] as const;
    // Without a limit of its own, an address may use all connections of each process.
    const limits = [this.budget.clusterLimit(isOperator), perUser, this.config.maxPerAddress] as const;
    for (const n of [1, 2] as const) {
      const others = this.#full.get(fields[n - 1]!);
      if (others !== undefined && others + own[n] > limits[n]) return this.#refuse(n, limits[n]);
    }
    const args = [this.#prefix, this.peers.id, String(LEASE_MS), ...fields, ...[...own, ...limits].map(String)];
    const answer = await this.peers.run<[0 | 1 | 2 | 3, number, number, number]>(
      ENTER,
      [this.peers.key, this.#key],
      args,
    );
    // Without Redis this process counts alone.
    if (answer === undefined || answer[0] === 0) return undefined;
    const spent = (answer[0] - 1) as 0 | 1 | 2;
    if (spent > 0 && this.#full.size < MAX_FULL) this.#full.set(fields[spent - 1]!, answer[spent + 1]!);
    return this.#refuse(spent, limits[spent]);
  }

  #refuse(spent: 0 | 1 | 2, limit: number): BudgetRefusal {
    return this.budget.refuse((['cluster', 'user', 'address'] as const)[spent], limit);
  }

  /** A person or an address under its hash. */
  #fieldOf(kind: 'user' | 'address', name: string): string {
    return `${kind}:${this.peers.nameOf(`${kind} ${name}`)}`;
  }

  async #writeChanged(): Promise<void> {
    this.#writing = true;
    while (this.#changed.size > 0 && this.peers.joined)
      await this.peers.run(WRITE, [this.#key], this.#argsOf(this.#takeChanged()));
    // All counts are written again when Redis answers again.
    this.#changed.clear();
    this.#writing = false;
  }

  #takeChanged(): [string, number][] {
    const taken: [string, number][] = [];
    for (const [field, count] of this.#changed) {
      this.#changed.delete(field);
      taken.push([field, count()]);
      if (taken.length === FIELDS_AT_ONCE) break;
    }
    return taken;
  }

  async #writeAll(): Promise<void> {
    const { users, addresses } = this.budget.counts;
    for (const [userId] of users) this.#changed.set(this.#fieldOf('user', userId), () => users.get(userId) ?? 0);
    for (const [address] of addresses)
      this.#changed.set(this.#fieldOf('address', address), () => addresses.get(address) ?? 0);
    for (let first = true; first || this.#changed.size > 0; first = false)
      await this.redis.script(WRITE, [this.#key], this.#argsOf(this.#takeChanged(), first));
  }

  #argsOf(counts: readonly [string, number][], fresh = false): string[] {
    const fields = [['total', this.budget.used] as const, ...counts].flatMap(([field, count]) => [
      field,
      String(count),
    ]);
    return [String(LEASE_MS), fresh ? '1' : '0', ...fields];
  }

  async #renewNow(rate: number): Promise<void> {
    const args = [this.#prefix, this.peers.id, String(LEASE_MS), String(this.budget.used), String(rate)];
    const [there, total, others] = await this.redis.script<[number, number, number]>(
      RENEW,
      [this.peers.key, this.#key],
      args,
    );
    this.#share(total, others, rate);
    // Redis was emptied, or this process was suspended for longer than its lease.
    if (there === 0 || !this.#complete) await this.#writeAll();
    this.#complete = true;
  }

  /** Divides what the other processes leave. Each process may accept its part of the rate at any time. */
  #share(connections: number, othersRate: number, ownRate = 0): void {
    const { cluster, clusterForOperators, perSecond } = this.budget.limits;
    const { joined, processes, sharers } = this.peers;
    this.#rateOfAll = othersRate + ownRate;
    this.budget.share({
      connections,
      clusterPlaces: cluster === 0 ? Infinity : joined ? cluster - connections : this.peers.share(cluster),
      clusterForOperators: joined ? clusterForOperators : Math.floor(clusterForOperators / sharers),
      perSecond: joined ? Math.max(perSecond / Math.max(1, processes), perSecond - othersRate) : perSecond,
    });
  }

  #reports(): LimitReport[] {
    const { budget } = this;
    const { limits, refused } = budget;
    const counted = this.peers.joined ? 'redis' : 'process';
    const own = { scope: 'process', counted: 'process' } as const;
    const all = { scope: 'cluster', counted } as const;
    const report = (name: string, per: LimitReport['per'], limit: number, used: number, refusals: number) => ({
      name: `realtime.${name}`,
      per,
      limit,
      used,
      refusals,
    });
    return [
      { ...report('connections', 'process', limits.total, budget.used, refused.connections), ...own },
      { ...report('connections_of_cluster', 'cluster', limits.cluster, budget.usedByAll, refused.cluster), ...all },
      { ...report('connections_per_user', 'user', limits.perUser, budget.busiest('users'), refused.user), ...all },
      {
        ...report(
          'connections_per_address',
          'address',
          this.config.maxPerAddress,
          budget.busiest('addresses'),
          refused.address,
        ),
        ...all,
      },
      {
        ...report(
          'unauthenticated_per_address',
          'address',
          limits.handshakesPerAddress,
          budget.busiest('handshakes'),
          refused.handshakes,
        ),
        ...own,
      },
      { ...report('connects_per_second', 'cluster', limits.perSecond, this.#rateOfAll, refused.rate), ...all },
    ];
  }
}
