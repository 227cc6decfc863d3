import type { CommandInfo } from '../../src-main/contract/commands.ts';
import type { KeyMap } from './KeyMap.svelte.ts';
import { browserKeeps, refusedKey, writtenKey, type Pressed } from './keys.ts';

/** The change of one command's key: pressed, judged, and only then kept. */
export class KeyChange {
  readonly #keys: KeyMap;
  readonly #platform: string;
  command = $state.raw<CommandInfo | null>(null);
  key = $state<string | null>(null);

  readonly refusal = $derived(this.key === null ? null : refusedKey(this.key));
  /** Who has the key now and would lose it. */
  readonly clash = $derived(this.command && this.key !== null ? this.#clashOf(this.command, this.key) : null);
  /** What is good to know and no obstacle, in sentences. */
  readonly notes: readonly string[] = $derived.by(() => {
    if (!this.command || this.key === null) return [];
    const shadows = this.#keys
      .shadows(this.command, this.key)
      .map(({ title }) => `“${title}” has this key too; the one of the narrower place wins there.`);
    const kept = 'A browser keeps this key for itself; it works in the desktop window.';
    return browserKeeps(this.key) ? [...shadows, kept] : shadows;
  });

  constructor(keys: KeyMap, platform: string) {
    this.#keys = keys;
    this.#platform = platform;
  }

  start(command: CommandInfo): void {
    this.command = command;
    this.key = null;
  }

  stop(): void {
    this.command = null;
    this.key = null;
  }

  /** Takes what is pressed as the new key; a key without objections is kept at once. */
  press(event: Pressed): void {
    const key = writtenKey(event, this.#platform);
    if (!this.command || key === '') return;
    this.key = key;
    if (this.refusal === null && this.clash === null) this.keep();
  }

  /** Keeps the key, also where another command loses it by that. */
  keep(): void {
    if (!this.command || this.key === null || this.refusal !== null) return;
    this.#keys.assign(this.command, [this.key]);
    this.stop();
  }

  #clashOf(command: CommandInfo, key: string): CommandInfo | null {
    return this.#keys.clash(command, key);
  }
}
