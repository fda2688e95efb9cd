import { DeskProblem } from '@deskwire/client';
import { detailOf } from '../ui/index.js';

/** A problem beside the form that caused it: what the desk refused, what it allows, and the correlation id. */
export function ProblemText({ problem }: { problem: Error }) {
  const told = problem instanceof DeskProblem ? problem : undefined;
  return (
    <div role="alert" className="upload-problem">
      <p>{detailOf(problem)}</p>
      {told?.errors?.map(({ field, seen, allowed }) => (
        <p key={field}>
          {field}: allowed is {allowed}
          {seen === undefined ? '' : `; received ${seen}`}
        </p>
      ))}
      {told && told.correlationId !== '' && <small>Correlation id {told.correlationId}</small>}
    </div>
  );
}
