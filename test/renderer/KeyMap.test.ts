import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandId, type CommandInfo } from '../../src-main/contract/commands.ts';
import { KeyChange } from '../../src-renderer/state/KeyChange.svelte.ts';
import { KeyMap } from '../../src-renderer/state/KeyMap.svelte.ts';
import type { Pressed } from '../../src-renderer/state/keys.ts';

class MemoryStorage {
  readonly kept = new Map<string, string>();
  getItem(name: string): string | null {
    return this.kept.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.kept.set(name, value);
  }
  removeItem(name: string): void {
    this.kept.delete(name);
  }
}

const command = (id: CommandId): CommandInfo => COMMANDS.find((one) => one.id === id)!;
const pressed = (key: string): Pressed => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
});

describe('the list of commands', () => {
  it('gives no key twice within one scope', () => {
    for (const [scope, commands] of Map.groupBy(COMMANDS as readonly CommandInfo[], (one) => one.scope)) {
      const keys = commands.flatMap((one) => one.keys);
      expect(
        keys.filter((key, at) => keys.indexOf(key) !== at),
        scope,
      ).toEqual([]);
    }
  });

  it('has each id once', () => {
    const ids = COMMANDS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('KeyMap', () => {
  it('chooses the command of the narrowest scope on screen', () => {
    const keys = new KeyMap(new MemoryStorage());
    keys.assign(command('study.per-norm'), ['d']);
    const [study, map, tensor] = (['study.per-norm', 'map.difference', 'stripes.pan-right'] as const).map(
      command,
    );
    expect(keys.choose('d', [study!])?.id).toBe('study.per-norm');
    expect(keys.choose('d', [study!, map!])?.id).toBe('map.difference');
    expect(keys.choose('d', [tensor!, study!])?.id).toBe('stripes.pan-right');
    expect(keys.choose('x', [study!, map!])).toBeNull();
  });

  it('names the command of the same scope that has a key, and takes the key from it', () => {
    const keys = new KeyMap(new MemoryStorage());
    const [map, overlap] = [command('view.map'), command('view.overlap')];
    expect(keys.clash(map, '4')?.id).toBe('view.overlap');
    keys.assign(map, ['4']);
    expect(keys.keysOf(map)).toEqual(['4']);
    expect(keys.keysOf(overlap)).toEqual([]);
    expect(keys.clash(map, '4')).toBeNull();
    // The default of one takes it back from the other.
    keys.assign(overlap, overlap.keys);
    expect(keys.keysOf(map)).toEqual([]);
    keys.assign(map, map.keys);
    expect(keys.isChanged).toBe(false);
  });

  it('names the same key of another scope as a shadow, not as a clash', () => {
    const keys = new KeyMap(new MemoryStorage());
    expect(keys.clash(command('map.difference'), 'n')).toBeNull();
    expect(keys.shadows(command('map.difference'), 'n').map(({ id }) => id)).toEqual(['study.per-norm']);
    // Map and tensor page are never on screen together.
    expect(keys.shadows(command('map.difference'), 'd')).toEqual([]);
  });

  it('keeps changes in the browser, and nothing once all are defaults', () => {
    const storage = new MemoryStorage();
    new KeyMap(storage).assign(command('map.log'), ['x']);
    const again = new KeyMap(storage);
    expect(again.keysOf(command('map.log'))).toEqual(['x']);
    again.resetAll();
    expect(storage.kept.size).toBe(0);
    expect(new KeyMap(storage).keysOf(command('map.log'))).toEqual(['g']);
  });

  it('goes out as text and comes back, without commands that are unknown', () => {
    const keys = new KeyMap(new MemoryStorage());
    keys.assign(command('map.log'), ['x']);
    const text = keys.text.replace('{\n', '{\n').replace('"map.log"', '"no.such": ["y"], "map.log"');
    const other = new KeyMap(new MemoryStorage());
    expect(other.take(text)).toBe(true);
    expect(other.changes).toEqual({ 'map.log': ['x'] });
  });

  it.each([
    '',
    'x',
    '{}',
    '{"schema":"polarimeter.keys/2","keys":{}}',
    '{"schema":"polarimeter.keys/1","keys":{"a":1}}',
  ])('refuses text that is none: %s', (text) => {
    const keys = new KeyMap(new MemoryStorage());
    keys.assign(command('map.log'), ['x']);
    expect(keys.take(text)).toBe(false);
    expect(keys.changes).toEqual({ 'map.log': ['x'] });
  });

  it('starts from the defaults when what is stored is damaged', () => {
    const storage = new MemoryStorage();
    storage.setItem('polarimeter.keys', '{"schema"');
    expect(new KeyMap(storage).isChanged).toBe(false);
  });
});

describe('KeyChange', () => {
  it('keeps a free key at once', () => {
    const keys = new KeyMap(new MemoryStorage());
    const change = new KeyChange(keys, 'Linux');
    change.start(command('map.log'));
    change.press(pressed('Shift'));
    expect(change.command?.id).toBe('map.log');
    change.press(pressed('x'));
    expect([change.command, keys.keysOf(command('map.log'))]).toEqual([null, ['x']]);
  });

  it('asks before it takes a key from another command', () => {
    const keys = new KeyMap(new MemoryStorage());
    const change = new KeyChange(keys, 'Linux');
    change.start(command('view.map'));
    change.press(pressed('4'));
    expect([change.clash?.id, keys.isChanged]).toEqual(['view.overlap', false]);
    change.keep();
    expect(keys.changes).toEqual({ 'view.map': ['4'], 'view.overlap': [] });
  });

  it('keeps no key that moves the focus', () => {
    const keys = new KeyMap(new MemoryStorage());
    const change = new KeyChange(keys, 'Linux');
    change.start(command('view.map'));
    change.press(pressed('Enter'));
    expect(change.refusal).toContain('lists, buttons');
    change.keep();
    expect(keys.isChanged).toBe(false);
  });

  it('says who else has the key in another place, and what a browser keeps', () => {
    const keys = new KeyMap(new MemoryStorage());
    const change = new KeyChange(keys, 'Linux');
    change.start(command('view.map'));
    change.key = 'Mod+N';
    expect(change.notes).toEqual([
      '“New study” has this key too; the one of the narrower place wins there.',
      'A browser keeps this key for itself; it works in the desktop window.',
    ]);
  });
});
