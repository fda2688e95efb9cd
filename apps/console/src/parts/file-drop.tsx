import { Button, bytesText, IconButton } from '../ui/index.js';
import { useId, useRef, useState } from 'react';

interface FileDropProps {
  label: string;
  hint: string;
  files: readonly File[];
  onFiles: (files: File[]) => void;
  /** Several files of one import. Without it a new file replaces the one before. */
  several?: boolean;
  disabled?: boolean;
}

/** Takes files by drag, or by a button for those who work with a keyboard. */
export function FileDrop({ label, hint, files, onFiles, several = false, disabled = false }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const hintId = useId();
  const [over, setOver] = useState(false);
  const add = (list: FileList | null) => {
    const given = [...(list ?? [])];
    if (given.length > 0 && !disabled) onFiles(several ? [...files, ...given] : given.slice(0, 1));
  };
  return (
    <div
      className="file-drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add(event.dataTransfer.files);
      }}
    >
      <p>
        Drop {label} here, or{' '}
        <Button disabled={disabled} onClick={() => input.current?.click()}>
          Choose {label}
        </Button>
      </p>
      <input
        ref={input}
        type="file"
        multiple={several}
        hidden
        aria-label={label}
        aria-describedby={hintId}
        onChange={(event) => {
          add(event.currentTarget.files);
          // The same file can be chosen again after it was removed.
          event.currentTarget.value = '';
        }}
      />
      <p id={hintId} className="note">
        {hint}
      </p>
      {files.length > 0 && (
        <ul>
          {files.map((file, index) => (
            <li key={`${file.name} ${index}`}>
              {file.name} <small>{bytesText(file.size)}</small>
              <IconButton
                label={`Remove ${file.name}`}
                icon="close"
                disabled={disabled}
                onClick={() => onFiles(files.filter((_, at) => at !== index))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
