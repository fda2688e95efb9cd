import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { Live } from '@deskwire/client';
import { IconButton } from '../ui/index.js';
import type { Arrangement, Placed } from './arrangement.js';

/** What each panel gets. */
export interface DeskPanelBody {
  live: Live;
  placed: Placed;
  /** Present while the person arranges the panels. */
  arrangement: Arrangement | undefined;
}

interface DeskPanelProps extends Omit<DeskPanelBody, 'live'> {
  title: string;
  /** The page with all of it. */
  href?: string;
  count?: ReactNode;
  children: ReactNode;
}

/** A panel of the desk. While it is arranged it can be dragged by its heading, and has buttons for the same acts. */
export function DeskPanel({ title, href, placed, arrangement, count, children }: DeskPanelProps) {
  const { name, wide } = placed;
  const [over, setOver] = useState(false);
  const headingId = `panel-${name}`;
  return (
    <section
      className="sheet desk-panel"
      aria-labelledby={headingId}
      data-panel={name}
      data-wide={wide || undefined}
      data-over={over || undefined}
      draggable={arrangement !== undefined}
      onDragStart={(event) => event.dataTransfer.setData('text/plain', name)}
      onDragOver={(event) => {
        if (arrangement === undefined) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const dragged = event.dataTransfer.getData('text/plain');
        if (dragged !== name) arrangement?.move(dragged, name);
      }}
    >
      <header className="sheet-head">
        <h2 id={headingId}>
          {href === undefined ? title : <Link href={href}>{title}</Link>}
          {count !== undefined && <small>{count}</small>}
        </h2>
        {arrangement && <ArrangeButtons title={title} placed={placed} arrangement={arrangement} />}
      </header>
      {children}
    </section>
  );
}

function ArrangeButtons({ title, placed, arrangement }: { title: string; placed: Placed; arrangement: Arrangement }) {
  const { name, wide } = placed;
  return (
    <div className="desk-arrange">
      <IconButton icon="up" label={`Move ${title} earlier`} onClick={() => arrangement.shift(name, -1)} />
      <IconButton icon="down" label={`Move ${title} later`} onClick={() => arrangement.shift(name, 1)} />
      <IconButton
        icon={wide ? 'left' : 'right'}
        label={wide ? `Make ${title} half as wide` : `Make ${title} as wide as the page`}
        onClick={() => arrangement.change(name, { wide: !wide })}
      />
      <IconButton icon="close" label={`Hide ${title}`} onClick={() => arrangement.change(name, { hidden: true })} />
    </div>
  );
}

/** A figure with its name, for the head of a panel. */
export function HeadFigure({
  name,
  tone,
  children,
}: {
  name: string;
  tone?: 'bad' | 'warn' | undefined;
  children: ReactNode;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-tone={tone}>{children}</dd>
    </div>
  );
}
