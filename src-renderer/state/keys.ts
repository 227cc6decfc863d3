/** Keys as the list of commands writes them, "Mod+Shift+Z", and as the browser reports them. */

export const isMac = (platform: string): boolean => /mac|iphone|ipad/i.test(platform);

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** How the list of commands would write what was pressed. Shift counts with letters and named keys only: "?" is "?" on any keyboard. */
export function writtenKey(event: Pressed, platform: string): string {
  const mac = isMac(platform);
  const parts = [
    (mac ? event.metaKey : event.ctrlKey) ? 'Mod' : '',
    (mac ? event.ctrlKey : event.metaKey) ? (mac ? 'Ctrl' : 'Meta') : '',
    event.altKey ? 'Alt' : '',
  ];
  const isLetter = /^[a-z]$/i.test(event.key);
  if (event.shiftKey && (isLetter || event.key.length > 1)) parts.push('Shift');
  const hasModifier = parts.some((part) => part !== '');
  parts.push(isLetter && hasModifier ? event.key.toUpperCase() : event.key);
  return parts.filter((part) => part !== '').join('+');
}

/** A key as people read it on their machine, e.g. "⌘K" or "Ctrl K". */
export function shownKey(key: string, platform: string): string {
  const mac = isMac(platform);
  const words: Readonly<Record<string, string>> = mac
    ? { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↵' }
    : { Mod: 'Ctrl', Enter: 'Enter' };
  const parts = key === '+' ? ['+'] : key.split('+');
  return parts.map((part) => words[part] ?? part).join(mac ? '' : ' ');
}

/** Whether what has the focus takes letters itself. */
export function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
  );
}
