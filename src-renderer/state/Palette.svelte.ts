import { untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { foundById } from './foundById.ts';
import { fuzzyMatches, type Manner } from './fuzzyMatches.ts';

/** Something that the palette can do. */
export interface PaletteEntry {
  /** Stable over sessions: recent choices are remembered by it. */
  readonly id: string;
  readonly title: string;
  /** What tells it from others of its kind, e.g. the folder of a study. */
  readonly detail?: string;
  /** As the list of commands writes them. */
  readonly keys?: readonly string[];
}

/** What a page, or the frame, adds to the palette while it is on screen. */
export interface CommandSource {
  /** The heading that its entries stand under. */
  readonly section: string;
  /** Sections with a smaller rank stand higher. */
  readonly rank: number;
  /** Asked for while the palette is open; may be reactive. */
  readonly entries: () => readonly PaletteEntry[];
  readonly choose: (entry: PaletteEntry) => void;
  /** Called when the palette opens, to ask for what `entries` needs. */
  readonly prepare?: () => void;
}

/** An entry as it is listed: under which heading, and which part of its title was typed. */
export interface FoundEntry {
  readonly entry: PaletteEntry;
  readonly source: CommandSource;
  readonly ranges: readonly number[];
}

export interface FoundSection {
  readonly title: string;
  readonly entries: readonly FoundEntry[];
  /** Of how many. */
  readonly count: number;
}

const STORED = 'polarimeter.palette';
const REMEMBERED = 12;
const RECENT_SHOWN = 5;
/** Entries of one section on screen: more is not read, typing on is faster. */
const SHOWN = 24;
/** Before anything is typed, commands are listed and the rest is hinted at. */
const HINTED = 4;

function stored(storage: Pick<Storage, 'getItem'>): readonly string[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(STORED) ?? '[]');
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string').slice(0, REMEMBERED) : [];
  } catch {
    return [];
  }
}

/** The command palette: everything that can be done or gone to from here, found by typing. */
export class Palette {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly #sources = new SvelteSet<CommandSource>();
  #recent = $state.raw<readonly string[]>([]);
  #typed = $state('');
  #active = $state(0);
  isOpen = $state(false);

  /** Every entry by section, with its titles in a list of their own for the search. */
  readonly #lists = $derived(
    this.isOpen
      ? [...this.#sources]
          .toSorted((a, b) => a.rank - b.rank)
          .map((source) => {
            const entries = source.entries();
            return { source, entries, titles: entries.map(({ title }) => title) };
          })
      : [],
  );
  readonly sections: readonly FoundSection[] = $derived.by(() => {
    const typed = this.#typed;
    const pieces = this.#found('pieces');
    // Scattered letters are a last resort: beside real matches they would only be noise.
    const found = pieces.some(({ count }) => count > 0) ? pieces : this.#found('letters');
    const recent = typed.trim() === '' ? foundById(this.#recent, this.#lists).slice(0, RECENT_SHOWN) : [];
    return [{ title: 'Recent', entries: recent, count: recent.length }, ...found].filter(
      ({ entries }) => entries.length > 0,
    );
  });
  /** All that is listed, from top to bottom. */
  readonly listed: readonly FoundEntry[] = $derived(this.sections.flatMap(({ entries }) => entries));
  readonly active = $derived(Math.min(this.#active, this.listed.length - 1));

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage) {
    this.#storage = storage;
    this.#recent = stored(storage);
  }

  #found(manner: Manner): FoundSection[] {
    const typed = this.#typed;
    return this.#lists.map(({ source, entries, titles }) => {
      const most = typed.trim() === '' && source.rank > 0 ? HINTED : SHOWN;
      const { count, best } = fuzzyMatches(titles, typed, { most, manner });
      const list = best.flatMap(({ index, ranges }): FoundEntry[] => {
        const entry = entries[index];
        return entry ? [{ entry, source, ranges }] : [];
      });
      return { title: source.section, entries: list, count };
    });
  }

  /** Adds entries until the returned function is called, which is what an effect wants to return. */
  add(source: CommandSource): () => void {
    // An effect that adds must not run again because something was added.
    untrack(() => this.#sources.add(source));
    return () => this.#sources.delete(source);
  }

  get typed(): string {
    return this.#typed;
  }

  set typed(text: string) {
    this.#typed = text;
    this.#active = 0;
  }

  toggle(): void {
    this.isOpen = !this.isOpen;
    this.typed = '';
    if (this.isOpen) for (const { prepare } of this.#sources) prepare?.();
  }

  close(): void {
    this.isOpen = false;
  }

  /** Moves the mark up or down, around the ends. */
  move(by: number): void {
    const { length } = this.listed;
    if (length > 0) this.#active = (this.active + by + length) % length;
  }

  moveTo(index: number): void {
    this.#active = Math.max(0, Math.min(index, this.listed.length - 1));
  }

  /** Does an entry, the marked one unless told, and remembers it. */
  choose(found: FoundEntry | undefined = this.listed[this.active]): void {
    if (!found) return;
    const { entry, source } = found;
    this.#recent = [entry.id, ...this.#recent.filter((id) => id !== entry.id)].slice(0, REMEMBERED);
    this.#storage.setItem(STORED, JSON.stringify(this.#recent));
    this.close();
    source.choose(entry);
  }
}
