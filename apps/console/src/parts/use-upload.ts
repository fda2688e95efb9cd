import type { DeskProblem } from '@deskwire/client';
import { useEffect, useRef, useState } from 'react';
import { withProgress } from './progress-fetch.js';

/** What is known of an upload. `reading`: every byte has left, and the desk works on it. */
export interface UploadState {
  phase: 'idle' | 'sending' | 'reading' | 'failed';
  sent: number;
  total: number;
  /** Why it failed. The files stay with the form, so that it can be sent again. */
  problem?: DeskProblem | Error | undefined;
}

/** What `send` gives to the call of the desk. */
export interface UploadInit {
  body: Blob | FormData;
  signal: AbortSignal;
  timeoutMs: number;
  headers: Record<string, string>;
}

const IDLE: UploadState = { phase: 'idle', sent: 0, total: 0 };
/** A master of 1 GiB over a slow line takes long. The person can stop it. */
const TIMEOUT_MS = 3_600_000;

/** Sends files with their progress. */
export function useUpload() {
  const [state, setState] = useState(IDLE);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  /** @returns the answer; undefined if it failed, which the state explains, or was stopped */
  const send = async <Answer>(
    files: readonly File[],
    call: (init: UploadInit) => Promise<Answer>,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Answer | undefined> => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setState({ phase: 'sending', sent: 0, total: files.reduce((sum, { size }) => sum + size, 0) });
    const onProgress = (sent: number, total: number) =>
      setState({ phase: sent >= total ? 'reading' : 'sending', sent, total });
    const { body, headers } = bodyOf(files, fields);
    try {
      const answer = await call({
        body: withProgress(body, onProgress),
        headers,
        signal: stop.signal,
        timeoutMs: TIMEOUT_MS,
      });
      setState(IDLE);
      return answer;
    } catch (error) {
      if (running.current === stop)
        setState(stop.signal.aborted ? IDLE : { ...IDLE, phase: 'failed', problem: error as Error });
      return undefined;
    }
  };
  const busy = state.phase === 'sending' || state.phase === 'reading';
  return { ...state, busy, send, stop: () => running.current?.abort() };
}

/** One file without fields is the body itself, so the desk reads it as a stream. */
function bodyOf(
  files: readonly File[],
  fields: Readonly<Record<string, string>>,
): Pick<UploadInit, 'body' | 'headers'> {
  const [first] = files;
  // A browser names the type of a .csv by the programs of its machine. The desk takes the bytes as they are.
  if (files.length === 1 && first !== undefined && Object.keys(fields).length === 0)
    return { body: new Blob([first]), headers: { 'content-type': 'application/octet-stream' } };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append('file', file, file.name);
  return { body: form, headers: {} };
}
