import type { DemoPasswords } from '../demo/demo-accounts.js';
import type { DeskHome } from './home/desk-home.js';

const FILE = 'demo.json';

/** `demo.json` of the home, mode 0600. */
export function demoPasswords(home: DeskHome): DemoPasswords {
  return {
    read: () => home.read<Record<string, string>>(FILE) ?? {},
    write: (passwords) => home.make().write(FILE, passwords),
  };
}
