import type { CommandSource, FoundEntry, PaletteEntry } from './Palette.svelte.ts';

interface Listed {
  readonly source: CommandSource;
  readonly entries: readonly PaletteEntry[];
}

/** The entries of these ids, in their order; those that are not on offer here are left out. */
export function foundById(ids: readonly string[], lists: readonly Listed[]): readonly FoundEntry[] {
  const wanted = new Set(ids);
  const found = new Map<string, FoundEntry>();
  for (const { source, entries } of lists)
    for (const entry of entries) if (wanted.has(entry.id)) found.set(entry.id, { entry, source, ranges: [] });
  return ids.flatMap((id) => found.get(id) ?? []);
}
