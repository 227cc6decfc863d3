import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Recipe } from '../contract/recipe.ts';
import { recipeText, writeRecipe } from '../recipes/recipeText.ts';
import { refuseExisting } from './refuseExisting.ts';
import { type RepairOptions, withRepairOptions } from './repairOptions.ts';
import { repairRecipe } from './repairRecipe.ts';
import { printable } from './printable.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { shellWord } from '../contract/shellWord.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

interface ResetOptions extends RepairOptions {
  readonly donor: string;
  readonly out?: string;
  readonly name?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const WHAT_HELP = `
What is done:
  nothing said         whole tensors of the donor, bit for bit: with --layers a shallow reset, without it a full roll-back
  --top, --bottom,     singular directions of the donor (arXiv 2509.12235); with a number that no matrix exceeds this is
  --band               a full roll-back of these matrices, which the published results do not tell apart
  --values target      directions only, the spectrum stays; --vectors target: singular values only
  --amount             a part of the way to the donor
More than one step, other edits: write the recipe, and edit it; see polarimeter recipe new.
`;

/** `reset TARGET --donor D`: the recipe of a usual repair in one line. Computes and writes no weights. */
export function resetCommand(program: Command, { terminal }: Session): void {
  withOutputOptions(
    withRepairOptions(
      program
        .command('reset')
        .argument('<target>', 'the checkpoint to be repaired')
        .description('make the recipe of a usual repair: parts of the target as they were in a donor')
        .requiredOption('--donor <path>', 'where they are taken from, e.g. the checkpoint before SFT'),
    ),
  )
    .option('--name <name>', 'name of the recipe')
    .option('--out <file>', 'write the recipe here (default: print it)')
    .option('--force', 'replace the file of a recipe that is there')
    .addHelpText('after', WHAT_HELP)
    .addHelpText(
      'after',
      examples([
        'reset ./sft --donor ./base --layers "first 25%" --out reset.yaml',
        'reset ./sft --donor ./base --top 64 --values target --out directions.yaml',
        'reset ./sft --donor ./base --amount 0.5 --modules q_proj,k_proj',
        'write reset.yaml --out ./repaired',
      ]),
    )
    .action((target: string, options: ResetOptions) => {
      const { donor, name, out } = options;
      const recipe = repairRecipe({ target, donor, name, out }, options, terminal.folder);
      deliverRecipe(terminal, recipe, options);
    });
}

/** A recipe on stdout, or in the file that was asked for. Fails with `output-exists`, `write-failed`. */
export function deliverRecipe(
  terminal: Terminal,
  recipe: Recipe,
  { out, force = false, json = false }: { out?: string; force?: boolean; json?: boolean },
): void {
  const path = out === undefined ? null : resolve(terminal.folder, out);
  if (path !== null) {
    refuseExisting(path, force);
    writeRecipe(path, recipe);
  }
  if (json) writeJson(terminal, { schema: 'polarimeter.recipe-file/1', path, recipe });
  else if (path === null) terminal.out(recipeText(recipe));
  else {
    const word = shellWord(path);
    terminal.out(
      `${printable(path)}\nWhat it changes: npx polarimeter recipe show ${word}\nAs a checkpoint: npx polarimeter write ${word} --out FOLDER\n`,
    );
  }
}
