import type { CommandId } from '../../src-main/contract/commands.ts';
import type { CommandSource } from './Palette.svelte.ts';
import type { Workbench } from './Workbench.svelte.ts';

/** What the palette offers on every page: all commands that can be done here, and the other studies. */
export function workbenchSources(workbench: Workbench): readonly CommandSource[] {
  const { commands, keys } = workbench;
  return [
    {
      section: 'Commands',
      rank: 0,
      entries: () =>
        commands.available
          .filter(({ id }) => id !== 'palette.open')
          .map((command) => ({ id: command.id, title: command.title, keys: keys.keysOf(command) })),
      choose: ({ id }) => commands.run(id as CommandId),
    },
    {
      section: 'Recent studies',
      rank: 4,
      entries: () =>
        (workbench.studies ?? [])
          .filter(({ id }) => id !== workbench.study?.id)
          .map(({ id, name, folder }) => ({ id: `study ${id}`, title: `Open ${name}`, detail: folder })),
      choose: ({ id }) => workbench.show(id.slice('study '.length)),
    },
  ];
}
