import { randomUUID } from 'node:crypto';
import { AuthModule } from '#auth';
import { Database, Transactions } from '#database';
import { DeliveriesModule, DeliveryChannels, DeliveryLanes, DeliveryQueue } from '#deliveries';
import type { LaneSettings } from '../../../libs/deliveries/lanes/lane.js';
import { testModule, type TestModule, type TestModuleOptions } from '../../setup/test-module.js';
import { PostingChannel } from './posting.channel.js';
import { Receiver } from './receiver.fixture.js';

interface DeliveryDeskOptions extends TestModuleOptions {
  receiver?: Receiver;
}

/** A node with deliveries and a channel to a receiver. */
export class DeliveryDesk {
  private constructor(
    readonly module: TestModule,
    readonly receiver: Receiver,
    readonly channel: PostingChannel,
    private readonly ownsReceiver: boolean,
  ) {}

  static async start({ receiver: given, ...options }: DeliveryDeskOptions = {}): Promise<DeliveryDesk> {
    const receiver = given ?? (await Receiver.start());
    const channel = new PostingChannel(receiver.url);
    const module = await testModule([AuthModule, DeliveriesModule], options);
    module.get(DeliveryChannels).add(channel);
    return new DeliveryDesk(module, receiver, channel, given === undefined);
  }

  get database(): Database {
    return this.module.get(Database);
  }

  get lanes(): DeliveryLanes {
    return this.module.get(DeliveryLanes);
  }

  /** Creates a lane. @returns the id of its endpoint */
  async lane(settings: Partial<LaneSettings> = {}): Promise<string> {
    const endpointId = settings.endpointId ?? randomUUID();
    await this.lanes.put({
      endpointId,
      channel: 'posting',
      format: 'generic',
      userId: null,
      operator: false,
      concurrency: 8,
      ratePerSecond: null,
      ...settings,
    });
    return endpointId;
  }

  /** Enqueues one message per endpoint in one transaction, as an alert does. @returns their ids in order */
  async enqueue(endpointIds: readonly string[], messageId: string = randomUUID()): Promise<string[]> {
    const alertId = randomUUID();
    return this.module.get(Transactions).atomic(async () => {
      const rows = await this.module
        .get(DeliveryQueue)
        .enqueue(
          endpointIds.map((endpointId) => ({ alertId, endpointId, messageId, body: JSON.stringify({ messageId }) })),
        );
      return rows.map(({ id }) => id);
    });
  }

  async statusOf(id: string): Promise<string> {
    const [row] = await this.database.rows<{ status: string }>(
      'SELECT status FROM alert_delivery_queue WHERE id = $1',
      [id],
    );
    return row!.status;
  }

  async count(status: string, endpointId?: string): Promise<number> {
    const [row] = await this.database.rows<{ n: number }>(
      'SELECT count(*)::integer AS n FROM alert_delivery_queue WHERE status = $1 AND ($2::uuid IS NULL OR endpoint_id = $2)',
      [status, endpointId ?? null],
    );
    return row!.n;
  }

  async close(): Promise<void> {
    await this.module.close();
    await this.channel.close();
    if (this.ownsReceiver) await this.receiver.stop();
  }
}
