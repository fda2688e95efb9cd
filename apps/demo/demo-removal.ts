import type { INestApplicationContext } from '@nestjs/common';
import { AlertsRepository } from '#alerts';
import { type User, UsersService } from '#auth';
import { Transactions } from '#database';
import { DeliveriesService } from '#deliveries';
import { EventLog } from '#events';
import { FeedsService } from '#feeds';
import { InstrumentsService, ImportsService } from '#instruments';
import { PortfoliosRepository, QuotesRepository } from '#portfolios';
import { WebhooksRepository } from '#webhooks';
import { DEMO_BROKERS } from './demo-plan.js';

export interface DemoContent {
  users: number;
  portfolios: number;
  quotes: number;
  instruments: number;
}

export interface DemoRemoved extends DemoContent {
  events: number;
  feeds: number;
  alerts: number;
  deliveries: number;
}

/** Removes all demo data in one transaction, and nothing else: users and their rows, quotes and contracts of the demo brokers, the newswire and its events. */
export function removeDemo(context: INestApplicationContext): Promise<DemoRemoved> {
  const get = getter(context);
  return get(Transactions).atomic(async () => {
    const ids = (await demoUsers(get(UsersService))).map(({ id }) => id);
    let quotes = 0;
    for (const broker of DEMO_BROKERS) quotes += await get(QuotesRepository).removeBroker(broker);
    const { sources, eventIds } = await get(FeedsService).removeDemo();
    const deliveries = await get(DeliveriesService).removeOfUsers(ids);
    for (const { id, userId } of await get(WebhooksRepository).summaries())
      if (userId !== null && ids.includes(userId)) await get(WebhooksRepository).remove(id);
    return {
      feeds: sources,
      deliveries,
      alerts: await get(AlertsRepository).removeOfUsers(ids),
      portfolios: await get(PortfoliosRepository).removeOfUsers(ids),
      quotes,
      events: (await get(EventLog).removeOfUsers(ids)) + (await get(EventLog).remove(eventIds)),
      instruments: await get(InstrumentsService).removeDemo(),
      users: await get(UsersService).removeDemo(),
    };
  });
}

/** Counts the demo data. */
export async function demoContent(context: INestApplicationContext): Promise<DemoContent> {
  const get = getter(context);
  const users = await demoUsers(get(UsersService));
  let portfolios = 0;
  for (const { id } of users) portfolios += (await get(PortfoliosRepository).usageOf(id, [])).portfolios;
  let quotes = 0;
  let instruments = 0;
  for (const broker of DEMO_BROKERS) {
    quotes += (await get(QuotesRepository).list(broker, null, null, 100_000)).length;
    const [latest] = await get(ImportsService).list({ brokers: [broker], sort: '-createdAt', limit: 1 });
    instruments += latest?.listed ?? 0;
  }
  return { users: users.length, portfolios, quotes, instruments };
}

function getter(context: INestApplicationContext) {
  return <T>(service: abstract new (...args: never[]) => T): T => context.get<T>(service as never, { strict: false });
}

async function demoUsers(service: UsersService): Promise<User[]> {
  return (await service.listAll()).filter(({ isDemo }) => isDemo);
}
