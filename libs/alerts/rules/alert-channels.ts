import { Injectable } from '@nestjs/common';
import { DeliveryLanes } from '#deliveries';
import { unknownChannels } from '../alerts.errors.js';

/** Whether the endpoints that a rule names are there and may be named by it. */
@Injectable()
export class AlertChannels {
  constructor(private readonly lanes: DeliveryLanes) {}

  /**
   * @param userId whose rule; null: the desk's, which speaks only to the desk's own endpoints
   * @throws DomainError ALERTS_CHANNEL_UNKNOWN naming `channels[n]`; of another's it is not told that it exists
   */
  async check(channels: readonly string[], userId: string | null): Promise<void> {
    if (channels.length === 0) return;
    const found = new Map((await this.lanes.find(channels)).map((lane) => [lane.endpointId, lane]));
    const errors = channels.flatMap((id, index) => {
      const lane = found.get(id);
      const known = lane !== undefined && (lane.userId === null || lane.userId === userId);
      return known
        ? []
        : [
            {
              field: `channels[${index}]`,
              seen: id,
              allowed: userId === null ? "an endpoint of the desk's" : "an endpoint of your own or the desk's",
            },
          ];
    });
    if (errors.length > 0) throw unknownChannels(errors);
  }
}
