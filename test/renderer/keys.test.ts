import { describe, expect, it } from 'vitest';
import {
  browserKeeps,
  keyParts,
  type Pressed,
  refusedKey,
  shownKey,
  writtenKey,
} from '../../src-renderer/state/keys.ts';

const MAC = 'MacIntel';
const PC = 'Linux x86_64';

interface Held {
  code?: string;
  ctrl?: boolean;
  meta?: boolean;
  shift?: boolean;
  alt?: boolean;
  altGraph?: boolean;
}

const press = (key: string, held: Held = {}): Pressed => ({
  key,
  code: held.code ?? '',
  ctrlKey: held.ctrl ?? false,
  metaKey: held.meta ?? false,
  shiftKey: held.shift ?? false,
  altKey: held.alt ?? false,
  getModifierState: (name) => name === 'AltGraph' && (held.altGraph ?? false),
});

describe('writtenKey', () => {
  it.each([
    ['Control is Mod on a PC', press('k', { ctrl: true }), PC, 'Mod+K'],
    ['Command is Mod on a Mac', press('k', { meta: true }), MAC, 'Mod+K'],
    ['Control on a Mac is not Mod', press('k', { ctrl: true }), MAC, 'Ctrl+K'],
    ['the Windows key is not Mod', press('k', { meta: true }), PC, 'Meta+K'],
    ['Shift counts with letters', press('Z', { ctrl: true, shift: true }), PC, 'Mod+Shift+Z'],
    ['Shift counts with named keys', press('Enter', { shift: true }), PC, 'Shift+Enter'],
    ['a letter alone is small', press('n'), PC, 'n'],
    ['Caps Lock changes no key', press('N'), PC, 'n'],
    ['Caps Lock with Shift neither', press('n', { shift: true }), PC, 'Shift+N'],
    ['"?" on an English keyboard', press('?', { shift: true, code: 'Slash' }), PC, '?'],
    ['"?" on a German keyboard', press('?', { shift: true, code: 'Minus' }), PC, '?'],
    ['"/" on a German keyboard, Shift 7', press('/', { shift: true, code: 'Digit7' }), PC, '/'],
    ['"[" by AltGr on Windows', press('[', { ctrl: true, alt: true, altGraph: true }), PC, '['],
    ['"[" by AltGr on Linux', press('[', { altGraph: true }), PC, '['],
    ['"[" by Option on a German Mac', press('[', { alt: true, code: 'Digit5' }), MAC, '['],
    ['Control with Alt is no AltGr', press('k', { ctrl: true, alt: true }), PC, 'Mod+Alt+K'],
    ['Cyrillic, by the place of the key', press('л', { ctrl: true, code: 'KeyK' }), PC, 'Mod+K'],
    ['plus', press('+', { shift: true }), PC, '+'],
    ['Control and plus', press('+', { ctrl: true }), PC, 'Mod++'],
    ['Space has a name', press(' '), PC, 'Space'],
    ['a modifier alone is no key', press('Control', { ctrl: true }), PC, ''],
    ['a dead key is none yet', press('Dead', { code: 'Equal' }), PC, ''],
  ])('%s', (_, event, platform, expected) => {
    expect(writtenKey(event, platform)).toBe(expected);
  });

  it('does without getModifierState, as events of older platforms have it', () => {
    const { getModifierState: _, ...event } = press('k', { ctrl: true });
    expect(writtenKey(event, PC)).toBe('Mod+K');
  });
});

describe('shownKey', () => {
  it.each([
    ['Mod+K', '⌘K', 'Ctrl K'],
    ['Mod+Shift+Z', '⌘⇧Z', 'Ctrl Shift Z'],
    ['Mod+Enter', '⌘↵', 'Ctrl Enter'],
    ['Mod++', '⌘+', 'Ctrl +'],
    ['+', '+', '+'],
    ['?', '?', '?'],
    ['n', 'n', 'n'],
    ['Alt+PageUp', '⌥PageUp', 'Alt PageUp'],
    ['ArrowUp', '↑', '↑'],
    ['Ctrl+K', '⌃K', 'Ctrl K'],
  ])('%s', (key, mac, pc) => {
    expect([shownKey(key, MAC), shownKey(key, PC)]).toEqual([mac, pc]);
  });
});

it('takes keys apart, the plus sign among them', () => {
  expect(['Mod+Shift+Z', '+', 'Mod++', '?'].map(keyParts)).toEqual([
    ['Mod', 'Shift', 'Z'],
    ['+'],
    ['Mod', '+'],
    ['?'],
  ]);
});

it('refuses keys that move the focus or belong to controls, and warns of those that browsers keep', () => {
  for (const key of ['Tab', 'Shift+Tab', 'Escape', 'Mod+Escape', 'Enter', 'Space', 'ArrowUp', 'Shift+Home'])
    expect(refusedKey(key), key).not.toBeNull();
  for (const key of ['Mod+Enter', 'k', 'F2', 'Alt+ArrowUp', '?']) expect(refusedKey(key), key).toBeNull();
  expect(['Mod+N', 'Mod+T', 'Mod+K'].map(browserKeeps)).toEqual([true, true, false]);
});
