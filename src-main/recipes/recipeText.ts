import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { Document, isScalar, visit } from 'yaml';
import { systemCode } from '../checkpoint/fileErrors.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { Recipe } from '../contract/recipe.ts';

/** Lists of so few words and numbers stay on one line. */
const SHORT = 24;

/**
 * A recipe as YAML that people can read, fields in the order of the schema: the same recipe is always the same text.
 * Defaults are written out, so that a later default changes no recipe.
 */
export function recipeText(recipe: Recipe): string {
  const { schema, name, target, inputs, edits, seed, notes } = Recipe.parse(recipe);
  const ordered = { schema, name, target, inputs, edits, seed, ...(notes.length > 0 ? { notes } : {}) };
  const document = new Document(ordered, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_, list) => {
      const isShort = list.items.every((item) => isScalar(item) && String(item.value).length < SHORT);
      list.flow = isShort && list.items.length <= SHORT;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Writes a recipe file in one step: a reader sees the old one or the new one. Fails with `disk-full`, `write-failed`. */
export function writeRecipe(path: string, recipe: Recipe): void {
  const text = path.toLowerCase().endsWith('.json')
    ? `${JSON.stringify(Recipe.parse(recipe), null, 2)}\n`
    : recipeText(recipe);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(error, path);
  }
}

/** What a failed write means to the user; a bug is passed on as it is. */
export function writeError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const what = isFull ? 'the disk is full' : `it cannot be written (${code})`;
  return new PolarimeterError(isFull ? 'disk-full' : 'write-failed', what, path);
}
