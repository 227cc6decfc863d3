import { describe, expect, it } from 'vitest';
import { fuzzyMatches } from '../../src-renderer/state/fuzzyMatches.ts';
import { Palette, type CommandSource } from '../../src-renderer/state/Palette.svelte.ts';

function memory(): Pick<Storage, 'getItem' | 'setItem'> & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
}

const tensors = Array.from({ length: 3000 }, (_, at) => {
  const module = ['q_proj', 'k_proj', 'v_proj'][at % 3]!;
  return `model.layers.${String(Math.floor(at / 3))}.self_attn.${module}.weight`;
});

function source(section: string, titles: readonly string[], chosen: string[] = []): CommandSource {
  return {
    section,
    rank: section === 'Commands' ? 0 : 1,
    entries: () => titles.map((title) => ({ id: `${section} ${title}`, title })),
    choose: ({ id }) => chosen.push(id),
  };
}

const titlesOf = (palette: Palette): string[] => palette.listed.map(({ entry }) => entry.title);

describe('fuzzyMatches', () => {
  it('finds pieces in any order, the exact tensor first', () => {
    const { best } = fuzzyMatches(tensors, 'k_proj 12', { most: 5, manner: 'pieces' });
    expect(tensors[best[0]!.index]).toBe('model.layers.12.self_attn.k_proj.weight');
  });

  it('finds letters with gaps where no piece fits, and says which', () => {
    const { best, count } = fuzzyMatches(['Light colours', 'Keyboard shortcuts'], 'kbsc', {
      most: 5,
      manner: 'letters',
    });
    expect(count).toBe(1);
    const { index, ranges } = best[0]!;
    expect(index).toBe(1);
    const title = 'Keyboard shortcuts';
    const marked = Array.from({ length: ranges.length / 2 }, (_, at) =>
      title.slice(ranges[2 * at], ranges[2 * at + 1]),
    ).join('');
    expect(marked.toLowerCase()).toBe('kbsc');
  });

  it('counts all and gives the first when there are too many to rank', () => {
    const { count, best } = fuzzyMatches(tensors, 'layers', { most: 10, manner: 'pieces' });
    expect(count).toBe(3000);
    expect(best.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(best[0]!.ranges).toEqual([6, 12]);
  });

  it('finds nothing where there is nothing, signs alone among it', () => {
    for (const typed of ['zzzz', '§§', '"'])
      expect(fuzzyMatches(tensors, typed, { most: 5, manner: 'letters' }), typed).toEqual({
        count: 0,
        best: [],
      });
  });
});

describe('Palette', () => {
  it('lists everything by section, and what was chosen last on top', () => {
    const storage = memory();
    const chosen: string[] = [];
    const palette = new Palette(storage);
    palette.add(source('Commands', ['Overview', 'Map', 'Claims'], chosen));
    palette.add(source('Tensors', tensors, chosen));
    expect(palette.listed).toEqual([]);
    palette.toggle();
    expect(palette.sections.map(({ title, count }) => [title, count])).toEqual([
      ['Commands', 3],
      ['Tensors', 3000],
    ]);
    palette.typed = 'clai';
    palette.choose();
    expect([chosen, palette.isOpen]).toEqual([['Commands Claims'], false]);

    const later = new Palette(storage);
    later.add(source('Commands', ['Overview', 'Map', 'Claims']));
    later.toggle();
    expect(titlesOf(later)).toEqual(['Claims', 'Overview', 'Map', 'Claims']);
  });

  it('moves around the ends and stays within what is found', () => {
    const palette = new Palette(memory());
    palette.add(source('Commands', ['Overview', 'Overlap', 'Map']));
    palette.toggle();
    palette.move(-1);
    expect(palette.listed[palette.active]?.entry.title).toBe('Map');
    palette.move(1);
    expect(palette.active).toBe(0);
    palette.moveTo(99);
    expect(palette.active).toBe(2);
    palette.typed = 'over';
    expect([palette.active, titlesOf(palette)]).toEqual([0, ['Overview', 'Overlap']]);
  });

  it('scatters letters only where no section has a piece of what was typed', () => {
    const palette = new Palette(memory());
    palette.add(source('Measures', ['Stable rank']));
    palette.add(source('Tensors', tensors));
    palette.toggle();
    palette.typed = 'rank';
    expect(titlesOf(palette)).toEqual(['Stable rank']);
    palette.typed = 'stbrk';
    expect(titlesOf(palette)).toEqual(['Stable rank']);
  });

  it('does nothing where nothing is found', () => {
    const palette = new Palette(memory());
    palette.add(source('Commands', ['Overview']));
    palette.toggle();
    palette.typed = 'qqq';
    palette.move(1);
    palette.choose();
    expect([palette.listed, palette.isOpen]).toEqual([[], true]);
  });

  it('asks its sources to prepare when it opens, and forgets those that left', () => {
    let asked = 0;
    const palette = new Palette(memory());
    const leave = palette.add({ ...source('Tensors', ['a']), prepare: () => asked++ });
    palette.toggle();
    expect(asked).toBe(1);
    leave();
    expect(palette.listed).toEqual([]);
  });

  it('starts anew when what is stored is damaged', () => {
    const storage = memory();
    storage.kept.set('polarimeter.palette', '{"a"');
    const palette = new Palette(storage);
    palette.add(source('Commands', ['Overview']));
    palette.toggle();
    expect(titlesOf(palette)).toEqual(['Overview']);
  });
});
