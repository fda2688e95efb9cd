import { useState } from 'react';
import { JsonBlock } from '../filters/facts.js';
import { Tabs } from '../ui/index.js';
import type { Answer } from '@deskwire/client';

export type TrialAnswer = Answer<'/v1/alert-rules/test', 'post'>;

/** What each format of webhook would receive for a match. */
export function TrialMessages({ match }: { match: TrialAnswer['matches'][number] }) {
  const [format, setFormat] = useState(match.messages[0]?.format ?? '');
  const shown = match.messages.find((message) => message.format === format);
  return (
    <div className="trial-messages">
      <Tabs
        label="Message format"
        tabs={match.messages.map((message) => ({ value: message.format, title: message.format }))}
        value={format}
        onChange={setFormat}
      >
        {shown?.problem != null && <p className="field-error">{shown.problem}</p>}
        {shown && <JsonBlock label={`Message as ${format}`} value={shown.message} />}
      </Tabs>
      <details>
        <summary>The event</summary>
        <JsonBlock label="Payload of the event" value={match.event.payload} />
      </details>
    </div>
  );
}
