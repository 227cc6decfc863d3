import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { writeError } from '../recipes/recipeText.ts';
import { parseRecipe } from '../recipes/readRecipe.ts';
import { printable } from './printable.ts';
import { recipeExample } from './recipeExample.ts';
import { refuseExisting } from './refuseExisting.ts';
import { namesRepair, type RepairOptions, withRepairOptions } from './repairOptions.ts';
import { repairRecipe } from './repairRecipe.ts';
import { deliverRecipe } from './reset.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

interface NewOptions extends RepairOptions {
  readonly target?: string;
  readonly donor?: string;
  readonly name?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `recipe new [FILE]`: a commented example, or the recipe that options describe. */
export function recipeNewCommand(recipe: Command, { terminal }: Session): void {
  withOutputOptions(
    withRepairOptions(
      recipe
        .command('new')
        .argument('[file]', 'where to write it (default: print it)')
        .description('write a commented example of a recipe, or the recipe that options describe')
        .option('--target <path>', 'the checkpoint to be edited')
        .option('--donor <path>', 'the checkpoint that parts are taken from'),
    ),
  )
    .option('--name <name>', 'name of the recipe')
    .option('--force', 'replace the file of a recipe that is there')
    .addHelpText(
      'after',
      examples([
        'recipe new repair.yaml',
        'recipe new repair.yaml --target ./sft --donor ./base',
        'recipe new half.yaml --target ./sft --donor ./base --amount 0.5 --layers 0-3',
      ]),
    )
    .action((file: string | undefined, options: NewOptions) => {
      if (namesRepair(options)) writeBuilt(terminal, file, options);
      else writeExample(terminal, file, options);
    });
}

function writeBuilt(terminal: Terminal, out: string | undefined, options: NewOptions): void {
  const { target, donor, name } = options;
  if (target === undefined || donor === undefined)
    throw new PolarimeterError('usage', 'options that describe an edit need --target and --donor');
  const recipe = repairRecipe({ target, donor, name, out }, options, terminal.folder);
  deliverRecipe(terminal, recipe, out === undefined ? options : { ...options, out });
}

function writeExample(terminal: Terminal, file: string | undefined, options: NewOptions): void {
  const { target = './sft', donor = './base', force = false, json = false } = options;
  const text = recipeExample(target, donor);
  const path = file === undefined ? null : resolve(terminal.folder, file);
  if (path !== null) {
    refuseExisting(path, force);
    try {
      writeFileSync(path, text);
    } catch (error) {
      throw writeError(error, path);
    }
  }
  if (json)
    writeJson(terminal, { schema: 'polarimeter.recipe-file/1', path, recipe: parseRecipe(text, path ?? '') });
  else terminal.out(path === null ? text : `${printable(path)}\n`);
}
