import { Badge } from '../ui/index.js';

interface Issue {
  line: number;
  severity: 'quarantined' | 'warning';
  field: string | null;
  reason: string;
  excerpt: string;
}

/** Rows of a master that were not imported, or imported with a warning, each with its line and the reason. */
export function IssueTable({ issues }: { issues: readonly Issue[] }) {
  if (issues.length === 0) return null;
  return (
    <div className="scroll">
      <table className="plain">
        <caption>Quarantine and warnings</caption>
        <thead>
          <tr>
            <th className="num">Line</th>
            <th>Kind</th>
            <th>Field</th>
            <th>Reason</th>
            <th>Text</th>
          </tr>
        </thead>
        <tbody>
          {issues.map((issue, index) => (
            <tr key={index}>
              <td className="num">{issue.line === 0 ? 'file' : issue.line}</td>
              <td>
                <Badge tone={issue.severity === 'quarantined' ? 'bad' : 'warn'}>{issue.severity}</Badge>
              </td>
              <td>{issue.field}</td>
              <td>{issue.reason}</td>
              <td>
                <code>{issue.excerpt}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
