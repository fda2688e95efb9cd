import { useCallback } from 'react';
import { useList } from '../ui/index.js';
import type { ItemOf } from '@deskwire/client';

export type WebhookRow = ItemOf<'/v1/webhooks'>;

/** The webhooks that the reader may see, for names and filters: the first hundred. */
export function useWebhooks(): readonly WebhookRow[] {
  return useList('/v1/webhooks', { limit: 100 }).rows;
}

export function webhookName({ description, url }: { description: string; url: string }): string {
  return description === '' ? url : description;
}

/** Finds the name of a webhook. The function is a new one only when the webhooks are. */
export function useWebhookNames(): (endpointId: string) => string {
  const webhooks = useWebhooks();
  return useCallback(
    (endpointId) => {
      const webhook = webhooks.find(({ id }) => id === endpointId);
      return webhook === undefined ? `webhook ${endpointId.slice(0, 8)}` : webhookName(webhook);
    },
    [webhooks],
  );
}
