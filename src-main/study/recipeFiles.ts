import type { Checkpoint } from '../contract/checkpoint.ts';
import { sourceFiles } from '../recipes/sourceFiles.ts';
import { fileIdentityIfThere, type FileStates } from '../tensors/fileIdentity.ts';

/** The files of the recipes among some checkpoints and everything that their tensors are computed from, each in the state that counts. */
export function recipeFiles(checkpoints: Iterable<Checkpoint>): FileStates {
  const recipes = [...checkpoints].filter(({ recipe }) => recipe !== undefined);
  return new Map(
    recipes.flatMap((checkpoint) => [
      [checkpoint.path, fileIdentityIfThere(checkpoint.path)] as const,
      ...sourceFiles(checkpoint),
    ]),
  );
}
