import { type ReactNode, useEffect } from 'react';

interface PageProps {
  title: string;
  /** One line below the title. */
  about?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the console: its title, also of the browser's tab, its actions and its content. */
export function Page({ title, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Deskwire`;
  }, [title]);
  return (
    <article className="page">
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {about && <p>{about}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </article>
  );
}

interface EmptyProps {
  title: string;
  /** The next step: a sentence, a link or a button. */
  next?: ReactNode;
}

/** Says that there is nothing, and what to do about it. */
export function Empty({ title, next }: EmptyProps) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {next && <div className="empty-next">{next}</div>}
    </div>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

/** A short state. The tone says what it means to the reader, and the text says it, too. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  );
}

/** A sheet with a heading: a part of a page. */
export function Sheet({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="sheet">
      <header className="sheet-head">
        <h2>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
