import { Facts } from '../filters/facts.js';
import { Sheet, Time } from '../ui/index.js';
import type { WebhookRow } from './use-webhooks.js';

export function WebhookFacts({ webhook }: { webhook: WebhookRow }) {
  const { headerNames, ratePerSecond } = webhook;
  return (
    <Sheet title="Settings">
      <div className="sheet-body">
        <Facts
          facts={[
            ['URL', <code>{webhook.url}</code>],
            ['Message format', webhook.format],
            ['Owner', webhook.userId === null ? 'the desk' : 'a user'],
            ['Alerts', webhook.minSeverity === null ? 'all' : `${webhook.minSeverity} and above`],
            ['Operator alerts', webhook.operator ? 'yes' : 'no'],
            ['Concurrent sends', webhook.concurrency],
            ['Messages per second', ratePerSecond === null ? 'no limit' : ratePerSecond],
            ['Headers', headerNames.length === 0 ? 'none' : headerNames.join(', ')],
            ['Added', <Time value={webhook.createdAt} />],
            ['Changed', <Time value={webhook.updatedAt} />],
          ]}
        />
      </div>
    </Sheet>
  );
}
