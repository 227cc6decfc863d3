import type { CommandSource } from './Palette.svelte.ts';
import type { StudyPages } from './StudyPages.svelte.ts';
import type { Workbench } from './Workbench.svelte.ts';

/** An id that names a kind and one of it; recent choices of one study mean the same in the next. */
const nameIn = (id: string): string => id.slice(id.indexOf(' ') + 1);

/** What the palette offers while a study is open: its measures on the map, its variants, its tensors. */
export function studySources(workbench: Workbench, pages: StudyPages): readonly CommandSource[] {
  const { study, map, tensor } = pages;
  return [
    {
      section: 'Measures on the map',
      rank: 2,
      entries: () => study.measures.map(({ id, title }) => ({ id: `measure ${id}`, title, detail: id })),
      choose: ({ id }) => {
        map.show(nameIn(id));
        workbench.go('map');
      },
    },
    {
      section: 'Variants',
      rank: 1,
      entries: () =>
        study.allStyles.map(({ label }) => ({
          id: `variant ${label}`,
          title: `${study.hidden.has(label) ? 'Show' : 'Hide'} ${label}`,
          detail: study.hidden.has(label) ? 'hidden' : 'shown',
        })),
      choose: ({ id }) => study.toggle(nameIn(id)),
    },
    {
      section: 'Tensors',
      rank: 3,
      prepare: () => tensor.followDirectory(),
      entries: () =>
        (tensor.directory.value?.compared ?? []).map(({ name }) => ({ id: `tensor ${name}`, title: name })),
      choose: ({ id }) => workbench.go('tensor', { tensor: nameIn(id) }),
    },
  ];
}
