import { z } from 'zod';
import {
  COMMANDS,
  type CommandId,
  type CommandInfo,
  type CommandScope,
} from '../../src-main/contract/commands.ts';

const STORED = 'polarimeter.keys';

/** What is stored and exported: only commands whose keys differ from the default. */
const Changed = z.object({
  schema: z.literal('polarimeter.keys/1'),
  keys: z.record(z.string(), z.array(z.string()).readonly()),
});

type Changes = Readonly<Partial<Record<CommandId, readonly string[]>>>;

/** The narrower the scope, the stronger its keys: on the map, "d" is the map's. */
const STRENGTH: Readonly<Record<CommandScope, number>> = {
  everywhere: 0,
  study: 1,
  map: 2,
  lab: 2,
  tensor: 2,
  value: 4,
  list: 3,
};

/** Which keys each command has, with the changes of this user. */
export class KeyMap {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  changes = $state.raw<Changes>({});

  readonly isChanged = $derived(Object.keys(this.changes).length > 0);
  /** The changes as text, to be kept or taken to another machine. */
  readonly text = $derived(
    JSON.stringify(
      { schema: 'polarimeter.keys/1', keys: this.changes } satisfies z.input<typeof Changed>,
      null,
      2,
    ),
  );

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = localStorage) {
    this.#storage = storage;
    this.changes = read(storage.getItem(STORED) ?? '') ?? {};
  }

  keysOf({ id, keys }: Pick<CommandInfo, 'id' | 'keys'>): readonly string[] {
    return this.changes[id as CommandId] ?? keys;
  }

  /** Of several commands, the one that a key stands for: that of the narrowest scope. */
  choose(key: string, commands: readonly CommandInfo[]): CommandInfo | null {
    const meant = commands.filter((command) => this.keysOf(command).includes(key));
    return meant.toSorted((a, b) => STRENGTH[b.scope] - STRENGTH[a.scope])[0] ?? null;
  }

  /** The other command of the same scope that has this key already: two there would be a riddle. */
  clash(command: CommandInfo, key: string): CommandInfo | null {
    return this.#others(command, key).find(({ scope }) => scope === command.scope) ?? null;
  }

  /** Commands of other scopes with this key: where they are at hand, the narrower one wins. */
  shadows(command: CommandInfo, key: string): readonly CommandInfo[] {
    return this.#others(command, key).filter(({ scope }) => STRENGTH[scope] !== STRENGTH[command.scope]);
  }

  /** Gives a command these keys alone, and takes them from commands of the same scope that had them. */
  assign(command: CommandInfo, keys: readonly string[]): void {
    const taken = keys.flatMap((key): [string, readonly string[]][] => {
      const loser = this.clash(command, key);
      return loser ? [[loser.id, this.keysOf(loser).filter((other) => !keys.includes(other))]] : [];
    });
    this.#keep({ ...this.changes, ...Object.fromEntries(taken), [command.id]: keys });
  }

  resetAll(): void {
    this.#keep({});
  }

  /** Takes over exported text; false when it is none. */
  take(text: string): boolean {
    const changes = read(text);
    if (changes) this.#keep(changes);
    return changes !== null;
  }

  #others(command: CommandInfo, key: string): readonly CommandInfo[] {
    return COMMANDS.filter((other) => other.id !== command.id && this.keysOf(other).includes(key));
  }

  #keep(changes: Changes): void {
    const real = COMMANDS.flatMap((command): [CommandId, readonly string[]][] => {
      const keys = changes[command.id];
      return keys && keys.join(' ') !== command.keys.join(' ') ? [[command.id, keys]] : [];
    });
    this.changes = Object.fromEntries(real);
    if (real.length > 0) this.#storage.setItem(STORED, this.text);
    else this.#storage.removeItem(STORED);
  }
}

/** Changes out of text; null when it is not ours. Commands that this version does not have are left out. */
function read(text: string): Changes | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = Changed.safeParse(value);
  if (!parsed.success) return null;
  const known = new Set<string>(COMMANDS.map(({ id }) => id));
  return Object.fromEntries(Object.entries(parsed.data.keys).filter(([id]) => known.has(id)));
}
