/** Everything that a user can do on the page, under stable ids: for the palette, the keyboard, the native menu and `commands --json`. */
import { z } from 'zod';

/** Where a command is at hand. */
export const COMMAND_SCOPES = {
  everywhere: 'on every page',
  study: 'while a study is open',
  map: 'on the map',
  tensor: 'on the tensor page',
  lab: 'on the page of experiments',
  list: 'in lists and tables',
  value: 'on a value that is pointed at or has the focus',
} as const;
export type CommandScope = keyof typeof COMMAND_SCOPES;

export const CommandInfo = z.object({
  /** Stable, dotted: noun.verb. */
  id: z.string().regex(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/),
  title: z.string(),
  group: z.string(),
  scope: z.enum(Object.keys(COMMAND_SCOPES) as [CommandScope, ...CommandScope[]]),
  /** Default keys, each e.g. "Mod+K" (Mod is Command on a Mac, Control elsewhere), "?" or "[". */
  keys: z.array(z.string()),
});
export type CommandInfo = z.infer<typeof CommandInfo>;

const command = <Id extends string>(
  id: Id,
  title: string,
  [group, scope]: readonly [string, CommandScope],
  keys: readonly string[] = [],
): CommandInfo & { id: Id } => ({ id, title, group, scope, keys: [...keys] });

const VIEW = ['Views', 'study'] as const;
const STUDY = ['Study', 'study'] as const;
const START = ['Study', 'everywhere'] as const;
const RUN = ['Run', 'study'] as const;
const WORKBENCH = ['Workbench', 'everywhere'] as const;
const MAP = ['Map', 'map'] as const;
const LAB = ['Experiments', 'lab'] as const;
const VALUE = ['Value', 'value'] as const;
const TENSOR = ['Tensor', 'tensor'] as const;

export const COMMANDS = [
  command('palette.open', 'Command palette', WORKBENCH, ['Mod+K', 'Mod+P']),
  command('shortcuts.show', 'Keyboard shortcuts', WORKBENCH, ['?']),
  command('theme.light', 'Light colours', WORKBENCH),
  command('theme.dark', 'Dark colours', WORKBENCH),
  command('theme.auto', 'Colours as the system has them', WORKBENCH),
  command('study.list', 'Studies', START, ['Mod+Shift+O']),
  command('study.new', 'New study', START, ['Mod+N']),
  command('study.open', 'Open a study…', START, ['Mod+O']),
  command('study.demo', 'Open the demo study', START),
  command('view.overview', 'Overview', VIEW, ['1']),
  command('view.map', 'Map', VIEW, ['2']),
  command('view.tensor', 'Tensor', VIEW, ['3']),
  command('view.overlap', 'Overlap', VIEW, ['4']),
  command('view.claims', 'Claims', VIEW, ['5']),
  command('view.setup', 'Set-up', VIEW, ['6']),
  command('view.definitions', 'Definitions', VIEW, ['7']),
  command('view.lab', 'Experiments', VIEW, ['8']),
  command('study.undo', 'Undo the last edit of the study', STUDY, ['Mod+Z']),
  command('study.redo', 'Redo', STUDY, ['Mod+Shift+Z', 'Mod+Y']),
  command('study.per-norm', 'Values per unit of update norm', STUDY, ['n']),
  command('selection.clear', 'Clear the selection of tensors', STUDY),
  command('run.start', 'Run, or resume the run', RUN, ['Mod+Enter']),
  command('run.cancel', 'Cancel the run', RUN),
  command('run.details', 'Run details: stages and log', RUN, ['l']),
  command('map.log', 'Logarithmic scale', MAP, ['g']),
  command('map.difference', 'Difference of two variants', MAP, ['d']),
  command('value.copy-citation', 'Copy the value as a citation', VALUE, ['c']),
  command('value.copy-command', 'Copy the command line that reproduces the value', VALUE, ['Shift+C']),
  command('value.copy', 'Copy the value in full precision', VALUE, ['v']),
  command('map.above-baseline', 'Values above chance', MAP, ['b']),
  command('map.next-measure', 'Next measure', MAP, ['.']),
  command('map.previous-measure', 'Previous measure', MAP, [',']),
  command('tensor.filter', 'Find a tensor', ['Tensor', 'study'], ['/']),
  command('tensor.previous-layer', 'Same module, previous layer', TENSOR, ['[']),
  command('tensor.next-layer', 'Same module, next layer', TENSOR, [']']),
  command('tensor.previous-module', 'Same layer, previous tensor', TENSOR, ['{']),
  command('tensor.next-module', 'Same layer, next tensor', TENSOR, ['}']),
  command('stripes.zoom-in', 'Stripe map: zoom in', TENSOR, ['w', '+']),
  command('stripes.zoom-out', 'Stripe map: zoom out', TENSOR, ['s', '-']),
  command('stripes.pan-left', 'Stripe map: pan left', TENSOR, ['a']),
  command('stripes.pan-right', 'Stripe map: pan right', TENSOR, ['d']),
  command('stripes.fit', 'Stripe map: whole matrix', TENSOR, ['0']),
  command('sweep.new', 'New sweep', LAB),
  command('sweep.run', 'Run, or resume the sweep', LAB, ['Shift+Enter']),
  command('sweep.cancel', 'Cancel the sweep', LAB),
  command('sweep.export', 'Export the selected trial…', LAB, ['Mod+E']),
  command('sweep.copy-command', 'Copy the command line of the sweep', LAB),
  command('sweep.scale', 'Recovery or accuracy', LAB, ['r']),
] as const satisfies readonly CommandInfo[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** commands --json */
export const CommandsDocument = z.object({
  schema: z.literal('polarimeter.commands/1'),
  commands: z.array(CommandInfo),
});
export type CommandsDocument = z.infer<typeof CommandsDocument>;
