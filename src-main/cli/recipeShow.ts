import type { Command } from 'commander';
import { formatCount } from '../contract/format.ts';
import type { Edit, TensorSelector } from '../contract/recipe.ts';
import { formatBytes } from '../contract/units.ts';
import { inkFor } from './ink.ts';
import { printable } from './printable.ts';
import type { RecipePlan } from './recipeDocuments.ts';
import { recipeFile } from './recipeFile.ts';
import { recipePlan } from './recipePlan.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { renderTable, type TableColumn } from './table.ts';
import type { Terminal } from './Terminal.ts';
import { wrapText } from './wrapText.ts';
import { writeJson } from './writeJson.ts';

/** `recipe show FILE`: what a recipe changes, and what making it costs. Computes nothing. */
export function recipeShowCommand(recipe: Command, { terminal }: Session): void {
  withOutputOptions(recipe.command('show'))
    .argument('<recipe>', 'a recipe file')
    .description('say what a recipe changes, edit by edit, and what making it costs')
    .addHelpText('after', examples(['recipe show repair.yaml', 'recipe show repair.yaml --json']))
    .action((typed: string, { json }: { json?: boolean }) => {
      const file = recipeFile(typed, terminal.folder);
      const plan: RecipePlan = { schema: 'polarimeter.recipe-plan/1', path: file.path, ...recipePlan(file) };
      if (json) writeJson(terminal, plan);
      else print(terminal, plan);
    });
}

const COLUMNS: readonly TableColumn[] = [
  { header: ['edit'], align: 'left' },
  { header: ['of'], align: 'left' },
  { header: ['tensors'], align: 'right' },
  { header: ['computed'], align: 'right' },
  { header: ['size'], align: 'right' },
];

/** "layers 0-3, 7; modules q_proj" */
function selectorText(selector: TensorSelector | undefined): string {
  const parts = Object.entries(selector ?? {}).map(([field, values]) => {
    const texts = (values as readonly unknown[]).map((value) =>
      Array.isArray(value) ? value.join(' x ') : String(value),
    );
    return `${field} ${texts.join(', ')}`;
  });
  return parts.length === 0 ? 'all that it can change' : parts.join('; ');
}

/** The fields of an edit that differ from what the schema takes when they are left out. */
function editText(edit: Edit): string {
  const fields = Object.entries(edit).filter(
    ([field]) => field !== 'edit' && field !== 'tensors' && field !== 'layers',
  );
  const texts = fields.map(
    ([field, value]) => `${field} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return [edit.edit, ...texts].join(', ');
}

function partText(edit: Edit): string {
  if ('tensors' in edit) return selectorText(edit.tensors);
  if ('layers' in edit) return selectorText({ layers: edit.layers });
  return edit.edit === 'matched-step' ? 'as its edits say' : selectorText(undefined);
}

function costText({ computed, missing, missingBytes, bytesRead, largest }: RecipePlan): string {
  if (computed === 0) return 'Nothing has to be computed: its tensors are those of its inputs.';
  if (missing === 0) return 'Everything that has to be computed is in the work folder.';
  const matrix = largest
    ? `; the largest is ${printable(largest.tensor)}, ${largest.shape.join(' x ')}: ${formatBytes(largest.float64Bytes)} as float64`
    : '';
  return `To be made: ${formatCount(missing)} tensors, ${formatBytes(missingBytes)} in the work folder, from ${formatBytes(bytesRead)} read${matrix}.`;
}

function print(terminal: Terminal, plan: RecipePlan): void {
  const { recipe, edits, tensors, bytes, taken, computed, confounds } = plan;
  const ink = inkFor(terminal.colour);
  const inputs = Object.entries(recipe.inputs).map(([name, { path, fingerprint }]) => {
    const pinned = fingerprint === undefined ? 'not pinned' : `pinned to ${fingerprint}`;
    return `  ${name === recipe.target ? 'target' : 'input '}  ${printable(name)} = ${printable(path)} (${pinned})\n`;
  });
  terminal.out(`${ink.strong(printable(recipe.name))}\n${inputs.join('')}\n`);
  const lines = edits.map(({ edit, tensors: changed, computed: made, bytes: size }, i) => ({
    cells: [
      `${String(i + 1)}  ${editText(edit)}`,
      partText(edit),
      formatCount(changed),
      formatCount(made),
      formatBytes(size),
    ],
  }));
  if (lines.length > 0)
    terminal.out(renderTable({ columns: COLUMNS, lines, keys: 2 }, { width: terminal.columns, ink }));
  terminal.out(
    `\n${formatCount(tensors)} tensors, ${formatBytes(bytes)}: ${formatCount(taken)} taken from other inputs, ${formatCount(computed)} computed, the rest of the target.\n${costText(plan)}\n`,
  );
  for (const confound of confounds)
    terminal.out(`${wrapText(`Note: ${printable(confound)}`, terminal.columns, '      ').join('\n')}\n`);
}
