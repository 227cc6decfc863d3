import { COMMANDS, type CommandId } from '../contract/commands.ts';

/** What choosing an item does; what has a role is done by the system. */
export type MenuAction =
  | { readonly kind: 'command'; readonly id: CommandId }
  | { readonly kind: 'open'; readonly folder: string }
  | { readonly kind: 'restart-engine' | 'show-logs' | 'show-report' };

/** Roles that Electron fills in by itself. */
export type MenuRole =
  | 'appMenu'
  | 'editMenu'
  | 'windowMenu'
  | 'close'
  | 'quit'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'
  | 'about';

export type MenuEntry =
  | { readonly kind: 'separator' }
  | { readonly kind: 'role'; readonly role: MenuRole }
  | { readonly kind: 'submenu'; readonly label: string; readonly entries: readonly MenuEntry[] }
  | {
      readonly kind: 'item';
      readonly label: string;
      readonly action: MenuAction;
      /** Shown beside it; the page acts on keys itself, so that they can be typed into a field. */
      readonly keys: string | null;
      readonly isEnabled: boolean;
    };

export interface RecentStudy {
  readonly name: string;
  readonly folder: string;
}

const MOST_RECENT = 10;
const SEPARATOR: MenuEntry = { kind: 'separator' };

const role = (name: MenuRole): MenuEntry => ({ kind: 'role', role: name });

function item(label: string, action: MenuAction, keys: string | null = null): MenuEntry {
  return { kind: 'item', label, action, keys, isEnabled: true };
}

/** The item of a command of the page, with its name there. */
function command(id: CommandId): MenuEntry {
  const { title, keys } = COMMANDS.find((one) => one.id === id) as { title: string; keys: string[] };
  // A menu shows keys that need a modifier only: a letter alone is for the page.
  const shown = keys.find((key) => key.startsWith('Mod+')) ?? null;
  return item(title, { kind: 'command', id }, shown?.replace('Mod+', 'CommandOrControl+') ?? null);
}

function recentEntries(recent: readonly RecentStudy[]): MenuEntry[] {
  if (recent.length === 0) {
    const action: MenuAction = { kind: 'command', id: 'study.list' };
    return [{ kind: 'item', label: 'None yet', action, keys: null, isEnabled: false }];
  }
  const names = recent.map(({ name }) => name);
  return recent.slice(0, MOST_RECENT).map(({ name, folder }) => {
    const isAmbiguous = names.filter((other) => other === name).length > 1;
    return item(escaped(isAmbiguous ? `${name} (${folder})` : name), { kind: 'open', folder });
  });
}

/** An ampersand marks the letter that opens an item. */
const escaped = (label: string): string => label.replaceAll('&', '&&');

const VIEWS: readonly CommandId[] = [
  'view.overview',
  'view.map',
  'view.tensor',
  'view.overlap',
  'view.claims',
  'view.setup',
  'view.definitions',
  'view.lab',
];

const submenu = (label: string, entries: readonly MenuEntry[]): MenuEntry => ({
  kind: 'submenu',
  label,
  entries,
});

const fileMenu = (isMac: boolean, recent: readonly RecentStudy[]): MenuEntry =>
  submenu('File', [
    command('study.new'),
    command('study.open'),
    submenu('Open recent', recentEntries(recent)),
    command('study.demo'),
    command('study.list'),
    SEPARATOR,
    role(isMac ? 'close' : 'quit'),
  ]);

const VIEW_MENU = submenu('View', [
  ...VIEWS.map(command),
  SEPARATOR,
  command('palette.open'),
  submenu('Colours', [command('theme.light'), command('theme.dark'), command('theme.auto')]),
  SEPARATOR,
  role('resetZoom'),
  role('zoomIn'),
  role('zoomOut'),
  role('togglefullscreen'),
]);

const RUN_MENU = submenu('Run', [
  command('run.start'),
  command('run.cancel'),
  command('run.details'),
  SEPARATOR,
  item('Restart the engine', { kind: 'restart-engine' }),
]);

const helpMenu = (isMac: boolean): MenuEntry =>
  submenu('Help', [
    command('shortcuts.show'),
    SEPARATOR,
    item('Show logs', { kind: 'show-logs' }),
    item('Report for an issue…', { kind: 'show-report' }),
    // A Mac has it in the menu of the app.
    ...(isMac ? [] : [SEPARATOR, role('about')]),
  ]);

/** The menu of the window, as data. */
export function menuTemplate(platform: string, recent: readonly RecentStudy[]): MenuEntry[] {
  const isMac = platform === 'darwin';
  return [
    ...(isMac ? [role('appMenu')] : []),
    fileMenu(isMac, recent),
    role('editMenu'),
    VIEW_MENU,
    RUN_MENU,
    role('windowMenu'),
    helpMenu(isMac),
  ];
}
