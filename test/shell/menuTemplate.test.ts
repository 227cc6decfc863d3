import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src-main/contract/commands.ts';
import { type MenuEntry, menuTemplate } from '../../src-main/shell/menuTemplate.ts';

type Item = Extract<MenuEntry, { kind: 'item' }>;

function itemsOf(entries: readonly MenuEntry[]): Item[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'submenu') return itemsOf(entry.entries);
    return entry.kind === 'item' ? [entry] : [];
  });
}

const labelsBelow = (entries: readonly MenuEntry[], label: string): string[] => {
  const found = entries.find((entry) => entry.kind === 'submenu' && entry.label === label);
  return found?.kind === 'submenu' ? itemsOf(found.entries).map((item) => item.label) : [];
};

const roles = (entries: readonly MenuEntry[]): string[] =>
  entries.flatMap((entry) => {
    if (entry.kind === 'submenu') return roles(entry.entries);
    return entry.kind === 'role' ? [entry.role] : [];
  });

describe('menuTemplate', () => {
  it('sends commands of the page under their own names, each once', () => {
    const items = itemsOf(menuTemplate('linux', [{ name: 'a', folder: '/a' }]));
    const commands = items.flatMap(({ label, action }) =>
      action.kind === 'command' ? [[action.id, label]] : [],
    );
    const titles = new Map<string, string>(COMMANDS.map(({ id, title }) => [id, title]));
    expect(commands).toEqual(commands.map(([id]) => [id, titles.get(id!)]));
    expect(new Set(commands.map(([id]) => id)).size).toBe(commands.length);
    for (const id of [
      'study.new',
      'study.open',
      'run.start',
      'run.cancel',
      'palette.open',
      'shortcuts.show',
      'theme.dark',
    ])
      expect(commands.map(([one]) => one)).toContain(id);
    for (const { id } of COMMANDS.filter(({ id }) => id.startsWith('view.')))
      expect(commands.map(([one]) => one)).toContain(id);
  });

  it('shows only keys with a modifier, no two the same: a letter alone belongs to the page', () => {
    const keys = itemsOf(menuTemplate('linux', [])).flatMap((item) => item.keys ?? []);
    expect(keys).toContain('CommandOrControl+K');
    for (const each of keys) expect(each).toMatch(/^CommandOrControl\+/);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('lists the newest ten studies, with the folder where a name comes twice and ampersands shown', () => {
    const recent = Array.from({ length: 12 }, (_, i) => ({
      name: `study ${String(i)}`,
      folder: `/s/${String(i)}`,
    }));
    expect(labelsBelow(menuTemplate('linux', recent), 'File')).toContain('study 9');
    expect(labelsBelow(menuTemplate('linux', recent), 'File')).not.toContain('study 10');
    const twins = [
      { name: 'SFT & RL', folder: '/a' },
      { name: 'SFT & RL', folder: '/b' },
    ];
    const items = itemsOf(menuTemplate('linux', twins)).filter(({ action }) => action.kind === 'open');
    expect(items.map(({ label, action }) => [label, action])).toEqual([
      ['SFT && RL (/a)', { kind: 'open', folder: '/a' }],
      ['SFT && RL (/b)', { kind: 'open', folder: '/b' }],
    ]);
    const none = itemsOf(menuTemplate('linux', [])).find(({ label }) => label === 'None yet');
    expect(none?.isEnabled).toBe(false);
  });

  it('puts quitting and the account of the app where each system has them', () => {
    expect(roles(menuTemplate('darwin', []))).toEqual(expect.arrayContaining(['appMenu', 'close']));
    expect(roles(menuTemplate('darwin', []))).not.toContain('quit');
    expect(roles(menuTemplate('win32', []))).toEqual(expect.arrayContaining(['quit', 'about']));
    expect(roles(menuTemplate('win32', []))).not.toContain('appMenu');
  });
});
