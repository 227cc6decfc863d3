/** Keys as the list of commands writes them, "Mod+Shift+Z", and as the browser reports them. */

export const isMac = (platform: string): boolean => /mac|iphone|ipad/i.test(platform);

export type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'> &
  Partial<Pick<KeyboardEvent, 'getModifierState'>>;

/** Keys that only change others, and what a browser reports while a letter is being composed. */
const NOT_A_KEY = new Set([
  'Alt',
  'AltGraph',
  'CapsLock',
  'Control',
  'Dead',
  'Fn',
  'Meta',
  'NumLock',
  'Process',
  'Shift',
  'Unidentified',
]);

/** The letter or name of the key itself. On a layout without Latin letters the place of the key decides, as everywhere on that machine. */
function baseKey({ key, code }: Pressed): string {
  if (key === ' ') return 'Space';
  const isForeign = key.length === 1 && key > '\u007f';
  return (isForeign && /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase()) || key;
}

/** Modifiers that were held to type the character itself: AltGr, which Windows reports as Control with Alt, and Option on a Mac. */
function typesWithModifiers(event: Pressed, mac: boolean): boolean {
  if (event.key.length !== 1) return false;
  if (mac) return event.altKey && !event.metaKey && !event.ctrlKey;
  return event.getModifierState?.('AltGraph') === true;
}

/**
 * How the list of commands would write what was pressed; empty for a modifier alone. Shift counts with letters and named keys only:
 * "?" is "?" on any keyboard.
 */
export function writtenKey(event: Pressed, platform: string): string {
  if (NOT_A_KEY.has(event.key)) return '';
  const mac = isMac(platform);
  const key = baseKey(event);
  const held = typesWithModifiers(event, mac)
    ? []
    : [
        (mac ? event.metaKey : event.ctrlKey) ? 'Mod' : '',
        (mac ? event.ctrlKey : event.metaKey) ? (mac ? 'Ctrl' : 'Meta') : '',
        event.altKey ? 'Alt' : '',
      ];
  const isLetter = /^[a-z]$/i.test(key);
  if (event.shiftKey && (isLetter || key.length > 1)) held.push('Shift');
  const modifiers = held.filter((part) => part !== '');
  // Caps Lock must not turn one key into another.
  const letter = modifiers.length > 0 ? key.toUpperCase() : key.toLowerCase();
  return [...modifiers, isLetter ? letter : key].join('+');
}

/** "Mod+Shift+Z" in its parts; the plus sign is a key as well. */
export function keyParts(key: string): readonly string[] {
  const last = key.endsWith('+') ? '+' : (key.split('+').at(-1) ?? '');
  const modifiers = key.slice(0, key.length - last.length).split('+');
  return [...modifiers.filter((part) => part !== ''), last];
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};
const MAC_NAMES: Readonly<Record<string, string>> = {
  ...NAMES,
  Mod: '⌘',
  Ctrl: '⌃',
  Shift: '⇧',
  Alt: '⌥',
  Enter: '↵',
};
const OTHER_NAMES: Readonly<Record<string, string>> = { ...NAMES, Mod: 'Ctrl', Escape: 'Esc' };

/** A key as people read it on their machine, e.g. "⌘K" or "Ctrl K". */
export function shownKey(key: string, platform: string): string {
  const mac = isMac(platform);
  const names = mac ? MAC_NAMES : OTHER_NAMES;
  const parts = keyParts(key);
  const isAlone = parts.length === 1;
  const words = parts.map((part) => names[part] ?? (isAlone || part.length > 1 ? part : part.toUpperCase()));
  return words.join(mac ? '' : ' ');
}

/** Why a command cannot have a key; null when it can. */
export function refusedKey(key: string): string | null {
  if (/(^|\+)(Tab|Escape)$/.test(key)) return 'Tab and Esc move the focus and close what is open';
  if (/^(Shift\+)?(Enter|Space|Arrow\w+|Home|End|PageUp|PageDown|Backspace|Delete)$/.test(key))
    return 'this key belongs to lists, buttons and fields';
  return null;
}

/** Keys that a browser keeps for itself; the desktop window gives them to the page. */
const BROWSER_KEEPS = new Set(['Mod+N', 'Mod+T', 'Mod+W', 'Mod+Shift+N', 'Mod+Shift+T', 'Mod+Shift+W']);

export const browserKeeps = (key: string): boolean => BROWSER_KEEPS.has(key);

const TEXTLESS = new Set(['checkbox', 'radio', 'button', 'range', 'submit', 'reset', 'color', 'file']);

/** Whether what has the focus takes letters itself: text, or choosing by the first letters. */
export function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !TEXTLESS.has(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target.isContentEditable || target.closest('[role="menu"]') !== null;
}
