import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useDesk } from '@deskwire/client/react';
import { Facts, NotShown } from '../filters/facts.js';
import { Badge, Button, Drawer, Time } from '../ui/index.js';
import type { Answer } from '@deskwire/client';

type Filing = Answer<'/v1/filings/{accession}'>;

interface DetailProps {
  accession: string;
  open: (accession: string) => void;
  onClose: () => void;
}

/** One filing with its summary, its original and its amendments. */
export function FilingDetail({ accession, open, onClose }: DetailProps) {
  const desk = useDesk();
  const { data: filing, error } = useQuery<Filing>({
    queryKey: ['/v1/filings', accession],
    queryFn: () => desk.get('/v1/filings/{accession}', { params: { accession } }),
  });
  return (
    <Drawer title={filing ? `${filing.form}, ${filing.filers[0]?.name ?? accession}` : 'Filing'} onClose={onClose}>
      {error && <NotShown problem={error} next="Close this and look at the list." />}
      {filing && (
        <>
          <Facts
            facts={[
              ['Form', filing.form],
              ['Accession number', <code>{filing.accession}</code>],
              ['Accepted', <Time value={filing.filedAt} />],
              ['Filing date', filing.filedOn],
              filing.reportDate !== null && ['Report date', filing.reportDate],
              filing.items.length > 0 && ['Items', filing.items.join(', ')],
              ...filing.filers.map(
                ({ cik, name, role, ticker }) =>
                  [role ?? 'Filer', `${name} (CIK ${cik}${ticker === null ? '' : `, ${ticker}`})`] as const,
              ),
              filing.link !== null && [
                'Document',
                <a href={filing.link} target="_blank" rel="noreferrer noopener">
                  Open at the SEC
                </a>,
              ],
              filing.eventId !== null && [
                'Event',
                <Link href={`/events?event=${filing.eventId}`}>Open the event</Link>,
              ],
            ]}
          />
          <FilingSummary summary={filing.summary} />
          <RelatedFilings filing={filing} open={open} />
        </>
      )}
    </Drawer>
  );
}

function FilingSummary({ summary }: { summary: Filing['summary'] }) {
  const { state, text, reason, truncated, provider, model, madeAt } = summary;
  return (
    <>
      <h3>Summary</h3>
      {text === null ? (
        <p>
          <Badge tone={state === 'failed' ? 'bad' : 'plain'}>{state}</Badge> {reason}
        </p>
      ) : (
        <>
          <p className="filing-summary">{text}</p>
          <p className="filing-note">
            Made by a machine ({[provider, model].filter(Boolean).join(', ')}), <Time value={madeAt} />. Not advice.
            {truncated && ' The document was longer than the part that was read.'}
          </p>
        </>
      )}
    </>
  );
}

function RelatedFilings({ filing, open }: { filing: Filing; open: (accession: string) => void }) {
  const { amends, candidates, amendedBy } = filing;
  const button = (accession: string, text: string) => (
    <li key={accession}>
      <Button onClick={() => open(accession)}>{text}</Button>
    </li>
  );
  if (amends === null && candidates.length === 0 && amendedBy.length === 0) return null;
  return (
    <>
      <h3>Related filings</h3>
      <ul className="related">
        {amends !== null && button(amends, `Amends ${amends}`)}
        {candidates.map((accession) => button(accession, `May amend ${accession}`))}
        {amendedBy.map(({ accession, form, filedOn, certain }) =>
          button(accession, `${certain ? 'Amended' : 'May be amended'} by ${form} of ${filedOn}`),
        )}
      </ul>
    </>
  );
}
