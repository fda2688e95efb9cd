import { Link } from 'wouter';
import { Badge, Button, Drawer, Time } from '../ui/index.js';
import { usePeople } from '../users/people.js';
import { actionTone, actionWords, type AuditRecord, changesOf } from './audit-words.js';

interface RecordDetailProps {
  record: AuditRecord;
  onClose: () => void;
  onActor: (id: string) => void;
  onSubject: (id: string) => void;
}

/** One record with what it changed, and the ways to the trail of its actor and of its subject. */
export function RecordDetail({ record, onClose, onActor, onSubject }: RecordDetailProps) {
  const people = usePeople();
  const { actorId, subjectId, ownerId } = record;
  const changes = changesOf(record.before, record.after);
  return (
    <Drawer title={actionWords(record.action)} onClose={onClose}>
      <p className="aside">
        <Badge tone={actionTone(record.action)}>{actionWords(record.action)}</Badge>
        <Time value={record.occurredAt} />
        {record.count > 1 && <span>{record.count} times within a minute</span>}
      </p>
      <dl className="facts">
        <dt>Who</dt>
        <dd>{actorId === null ? 'nobody signed in' : people.nameOf(actorId)}</dd>
        <dt>Via</dt>
        <dd>{record.actorVia.replace('_', ' ')}</dd>
        {record.credentialId !== null && (
          <>
            <dt>Credential</dt>
            <dd>
              <code>{record.credentialId}</code>
            </dd>
          </>
        )}
        <dt>Address</dt>
        <dd>{record.address ?? 'none: not a request'}</dd>
        <dt>Subject</dt>
        <dd>
          {record.subjectKind.replace('_', ' ')}{' '}
          {subjectId !== null && (record.subjectKind === 'user' ? people.nameOf(subjectId) : <code>{subjectId}</code>)}
        </dd>
        <dt>Owner</dt>
        <dd>{ownerId === null ? 'the desk' : people.nameOf(ownerId)}</dd>
        <dt>Correlation id</dt>
        <dd>
          <Link href={`/events?correlationId=${encodeURIComponent(record.correlationId)}`}>
            <code>{record.correlationId}</code>
          </Link>
        </dd>
      </dl>
      {changes.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th>Field</th>
              <th>Before</th>
              <th>After</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, before, after }) => (
              <tr key={field}>
                <td>{field}</td>
                <td>{before}</td>
                <td>{after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="filters">
        {actorId !== null && <Button onClick={() => onActor(actorId)}>All of this person</Button>}
        {subjectId !== null && /^[\da-f-]{36}$/i.test(subjectId) && (
          <Button onClick={() => onSubject(subjectId)}>All of this subject</Button>
        )}
      </div>
    </Drawer>
  );
}
