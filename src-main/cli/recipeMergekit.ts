import type { Command } from 'commander';
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, PolarimeterError } from '../contract/errors.ts';
import { mergekitText } from '../exports/mergekit.ts';
import { writeError } from '../recipes/recipeText.ts';
import { openModel } from '../recipes/openModel.ts';
import { printable } from './printable.ts';
import { recipeFile } from './recipeFile.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import { writeJson } from './writeJson.ts';

interface MergekitOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/** `recipe mergekit FILE`: the same as a configuration of mergekit, or why there is none. */
export function recipeMergekitCommand(recipe: Command, session: Session): void {
  const { terminal } = session;
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
      const reason = 'reason' in found ? found.reason : null;
      const out = options.out === undefined ? null : resolve(terminal.folder, options.out);
      if (reason !== null && !options.json)
        throw new PolarimeterError(
          'recipe-not-expressible',
          `mergekit cannot express this recipe: ${reason}`,
          path,
        );
      if (reason !== null) session.exitCode = EXIT.input;
      if (text !== null && out !== null) deliver(out, text);
      if (options.json) writeJson(terminal, { schema: 'polarimeter.mergekit/1', path, text, reason });
      else terminal.out(out === null ? (text ?? '') : `${printable(out)}\n`);
    });
}

function deliver(out: string, text: string): void {
  if (existsSync(out))
    throw new PolarimeterError('output-exists', 'there is a file at this path', out, 'choose another path');
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw writeError(error, out);
  }
}
