import { Injectable } from '@nestjs/common';
import { DeliveryLanes } from '#deliveries';
import { unknownChannels } from '../alerts.errors.js';

/** Checks that the endpoints of a rule exist and belong to its owner or to the desk. */
@Injectable()
export class AlertChannels {
  constructor(private readonly lanes: DeliveryLanes) {}

  /**
   * @param userId owner of the rule; null: the desk, whose rules send only to endpoints of the desk
   * @throws DomainError ALERTS_CHANNEL_UNKNOWN naming `channels[n]`; an endpoint of another user is reported as unknown
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
