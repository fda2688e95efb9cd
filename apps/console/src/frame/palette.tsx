import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { ItemOf } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { hrefOf } from '../href-of.js';
import { useRoutes } from '../routes.js';
import { Icon, type IconName } from '../ui/index.js';
import { changePreferences, usePreferences } from '../ui/preferences.js';
import { useLeave } from './worker-gate.js';

const FOUND_MAX = 6;
const CORRELATION_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** Pages, acts and instruments by a few letters. */
export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const leave = useLeave();
  const { theme, density } = usePreferences();
  const routes = useRoutes();
  const found = useFound(useDeferredValue(text.trim()));
  useEffect(() => {
    const shown = dialog.current!;
    if (!shown.open) shown.showModal();
    shown.querySelector('input')!.focus();
    return () => shown.close();
  }, []);
  const run = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <dialog
      ref={dialog}
      className="modal palette"
      aria-label="Commands"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <Command label="Search pages, acts and instruments" loop>
        <Command.Input value={text} onValueChange={setText} placeholder="Search pages, acts and instruments" />
        <Command.List>
          {found.length === 0 && <Command.Empty>Nothing matches.</Command.Empty>}
          <Command.Group heading="Go to">
            {routes.map(({ name, title, path, key }) => (
              <Item key={path} icon={name} keys={`g ${key}`} onSelect={run(() => navigate(path))}>
                {title}
              </Item>
            ))}
          </Command.Group>
          <Command.Group heading="Do">
            <Item
              icon={theme === 'dark' ? 'sun' : 'moon'}
              onSelect={run(() => changePreferences({ theme: theme === 'dark' ? 'light' : 'dark' }))}
            >
              {theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
            </Item>
            <Item
              icon="menu"
              onSelect={run(() => changePreferences({ density: density === 'compact' ? 'comfortable' : 'compact' }))}
            >
              {density === 'compact' ? 'Use comfortable rows' : 'Use compact rows'}
            </Item>
            <Item icon="help" keys="?" onSelect={run(onHelp)}>
              Keyboard help
            </Item>
            <Item icon="account" onSelect={run(leave)}>
              Sign out
            </Item>
          </Command.Group>
          {CORRELATION_ID.test(text.trim()) && (
            <Command.Group heading="Trace" forceMount>
              <Item icon="events" onSelect={run(() => navigate(`/events?correlationId=${text.trim()}`))}>
                {`Trace of ${text.trim()}`}
              </Item>
            </Command.Group>
          )}
          {found.length > 0 && (
            <Command.Group heading="Instruments" forceMount>
              {found.map(({ id, tradingsymbol, name, exchange }) => (
                <Item
                  key={id}
                  value={`${id} ${text}`}
                  icon="instruments"
                  onSelect={run(() => navigate(hrefOf('instruments', id)))}
                >
                  {tradingsymbol || name} <small>{[exchange, name].filter(Boolean).join(' · ')}</small>
                </Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}

interface ItemProps {
  icon: IconName;
  keys?: string;
  value?: string;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ icon, keys, children, ...rest }: ItemProps) {
  return (
    <Command.Item {...rest}>
      <Icon name={icon} />
      <span>{children}</span>
      {keys && <kbd>{keys}</kbd>}
    </Command.Item>
  );
}

function useFound(text: string): readonly ItemOf<'/v1/instruments'>[] {
  const desk = useDesk();
  const { data } = useQuery({
    queryKey: ['palette', text],
    queryFn: () => desk.get('/v1/instruments', { query: { query: text, limit: FOUND_MAX } }),
    enabled: text.length >= 2,
    retry: false,
  });
  return text.length >= 2 ? (data?.items ?? []) : [];
}
