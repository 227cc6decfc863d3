import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { mergekitText } from '../exports/mergekit.ts';
import { writeError } from '../recipes/recipeText.ts';
import { openModel } from '../recipes/openModel.ts';
import { printable } from './printable.ts';
import { recipeFile } from './recipeFile.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { writeJson } from './writeJson.ts';
import { existsSync } from 'node:fs';

interface MergekitOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/** `recipe mergekit FILE`: the same as a configuration of mergekit, or why there is none. */
export function recipeMergekitCommand(recipe: Command, { terminal }: Session): void {
  withOutputOptions(recipe.command('mergekit'))
    .argument('<recipe>', 'a recipe file')
    .description('write a recipe as a configuration of mergekit, where mergekit can do the same')
    .option('--out <file>', 'write it here (default: print it)')
    .addHelpText(
      'after',
      examples(['recipe mergekit half.yaml', 'recipe mergekit half.yaml --out half.mergekit.yml']),
    )
    .action((typed: string, options: MergekitOptions) => {
      const { path, folder, recipe: read, checkpoint } = recipeFile(typed, terminal.folder);
      const target = openModel(checkpoint.recipe?.target ?? path);
      const found = mergekitText(read, { folder, target });
      const text = 'text' in found ? found.text : null;
      if (options.json)
        writeJson(terminal, {
          schema: 'polarimeter.mergekit/1',
          path,
          text,
          reason: 'reason' in found ? found.reason : null,
        });
      if ('reason' in found) {
        if (options.json) return;
        throw new PolarimeterError(
          'not-supported',
          `mergekit cannot express this recipe: ${found.reason}`,
          path,
        );
      }
      if (options.out === undefined) {
        if (!options.json) terminal.out(found.text);
        return;
      }
      deliver(resolve(terminal.folder, options.out), found.text);
      if (!options.json) terminal.out(`${printable(resolve(terminal.folder, options.out))}\n`);
    });
}

function deliver(out: string, text: string): void {
  if (existsSync(out)) throw new PolarimeterError('output-exists', 'there is a file at this path', out);
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw writeError(error, out);
  }
}
