import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { COMMANDS, type CommandId, type CommandInfo } from '../../src-main/contract/commands.ts';

/** What a command does now; left out of `isEnabled` it can always be done while it is bound. */
export interface Binding {
  readonly run: () => void;
  readonly isEnabled?: () => boolean;
}

/** Which commands can be done where the user is. Pages bind theirs while they are on screen; the latest binding of an id counts. */
export class Commands {
  readonly #bound = new SvelteMap<CommandId, readonly Binding[]>();

  /** Commands that can be done right now, in the order of their list. */
  readonly available: readonly CommandInfo[] = $derived(COMMANDS.filter(({ id }) => this.isAvailable(id)));

  /** Binds commands until the returned function is called, which is what an effect wants to return. */
  bind(bindings: Partial<Record<CommandId, Binding | (() => void)>>): () => void {
    const bound = Object.entries(bindings).map(
      ([id, given]) => [id as CommandId, typeof given === 'function' ? { run: given } : given] as const,
    );
    // An effect that binds must not run again because something was bound.
    untrack(() => {
      for (const [id, binding] of bound) this.#bound.set(id, [...(this.#bound.get(id) ?? []), binding]);
    });
    return () => {
      for (const [id, binding] of bound) {
        const rest = (this.#bound.get(id) ?? []).filter((other) => other !== binding);
        if (rest.length > 0) this.#bound.set(id, rest);
        else this.#bound.delete(id);
      }
    };
  }

  isAvailable(id: CommandId): boolean {
    const binding = this.#bound.get(id)?.at(-1);
    return binding !== undefined && (binding.isEnabled?.() ?? true);
  }

  /** Does a command; false when it cannot be done here. */
  run(id: CommandId): boolean {
    if (!this.isAvailable(id)) return false;
    this.#bound.get(id)?.at(-1)?.run();
    return true;
  }
}
