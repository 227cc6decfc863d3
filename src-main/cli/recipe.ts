import type { Command } from 'commander';
import { recipeMakeCommand } from './recipeMake.ts';
import { recipeMergekitCommand } from './recipeMergekit.ts';
import { recipeNewCommand } from './recipeNew.ts';
import { recipePinCommand } from './recipePin.ts';
import { recipeShowCommand } from './recipeShow.ts';
import { recipeVerifyCommand } from './recipeVerify.ts';
import type { Session } from './Session.ts';

/** `recipe new|show|pin|make|verify|mergekit`: checkpoints that are not written yet. */
export function recipeCommand(program: Command, session: Session): void {
  const recipe = program
    .command('recipe')
    .description('write, look at, pin and make recipes: checkpoints that are not written yet');
  recipeNewCommand(recipe, session);
  recipeShowCommand(recipe, session);
  recipePinCommand(recipe, session);
  recipeMakeCommand(recipe, session);
  recipeVerifyCommand(recipe, session);
  recipeMergekitCommand(recipe, session);
}
