import { Facts, JsonBlock } from '../filters/facts.js';
import { Badge, Button, Dialog, durationText } from '../ui/index.js';
import type { Answer } from '@deskwire/client';

type Result = Answer<'/v1/webhooks/{id}/test', 'post'>;

/** What the receiver answered to a test message. */
export function TestResult({ result, onClose }: { result: Result; onClose: () => void }) {
  const { delivered, statusCode, errorClass, error, latencyMs, messageId, responseBody } = result;
  return (
    <Dialog
      title={delivered ? 'The test message arrived' : 'The test message did not arrive'}
      onClose={onClose}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <Facts
        facts={[
          ['Answer', <Badge tone={delivered ? 'good' : 'bad'}>{statusCode ?? errorClass ?? 'none'}</Badge>],
          error !== null && ['Problem', error],
          ['Latency', durationText(latencyMs)],
          ['Message id', <code>{messageId}</code>],
        ]}
      />
      {responseBody !== null && responseBody !== '' && <JsonBlock label="Answer" value={responseBody} />}
    </Dialog>
  );
}
