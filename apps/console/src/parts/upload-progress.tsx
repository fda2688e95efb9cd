import { Button, bytesText } from '../ui/index.js';
import { ProblemText } from './problem-text.js';
import { percentOf } from './percent.js';
import type { UploadState } from './use-upload.js';

/** The way of an upload: bytes that have left, then the desk at work, or why it failed. */
export function UploadProgress({ upload, onStop }: { upload: UploadState; onStop: () => void }) {
  const { phase, sent, total, problem } = upload;
  if (phase === 'failed') return <ProblemText problem={problem!} />;
  if (phase === 'idle') return null;
  const percent = percentOf(sent, total);
  const text =
    phase === 'sending'
      ? `${bytesText(sent)} of ${bytesText(total)} sent, ${percent} %`
      : 'Sent. The desk reads and compares it ..';
  return (
    <div className="upload-progress">
      <progress aria-label="Upload" max={100} {...(phase === 'sending' && { value: percent })} />
      <span role="status">{text}</span>
      <Button onClick={onStop}>Stop</Button>
    </div>
  );
}
