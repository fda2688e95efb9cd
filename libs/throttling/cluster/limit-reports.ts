import { Injectable } from '@nestjs/common';

/** The state of one limit, as `GET /v1/system/limits` shows it. */
export interface LimitReport {
  /** `<lib>.<limit>` */
  name: string;
  /** Maximum per owner; 0 for none. */
  limit: number;
  /** Whose use the limit bounds. */
  per: 'process' | 'user' | 'address' | 'account' | 'account and address' | 'cluster';
  /** Whether the limit is meant for one process or for all of them together. */
  scope: 'process' | 'cluster';
  /** Where it is counted now. A limit of the cluster is counted by each process alone while Redis is away or not set. */
  counted: 'process' | 'redis';
  /** Use by the busiest owner that this process knows; null where nobody keeps it. */
  used: number | null;
  /** Requests refused by this process since its start. */
  refusals: number;
}

/** Collects the limits that the libs report. */
@Injectable()
export class LimitReports {
  readonly #sources: (() => readonly LimitReport[])[] = [];

  add(source: () => readonly LimitReport[]): void {
    this.#sources.push(source);
  }

  /** By name. */
  list(): LimitReport[] {
    return this.#sources.flatMap((source) => source()).sort((a, b) => a.name.localeCompare(b.name));
  }
}
