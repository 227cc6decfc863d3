import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { issueWords } from '../base/issueWords.ts';
import { readTextFile } from '../checkpoint/readTextFile.ts';
import { Recipe } from '../contract/recipe.ts';
import { checkRecipe } from './checkRecipe.ts';
import { recipeInvalid, type RecipeFault } from './recipeFault.ts';

/** Ten thousand times what people write. */
const LARGEST_BYTES = 4 * 2 ** 20;

type Issue = z.core.$ZodIssue;

/** The words of an issue; of a union those of its members, since "invalid input" helps nobody. */
function issueText(issue: Issue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issueWords(issue.message);
  const members = issue.errors.flatMap((issues) => issues.slice(0, 1).map(issueText));
  return [...new Set(members)].join(', or ');
}

/** The line of a field, or of the nearest one around it that is there. */
function lineOf(path: RecipeFault['path'], document: Document, lines: LineCounter): number | null {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: readonly number[] | null } | undefined)?.range;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return null;
}

function valueOf(document: Document, path: string, lines: LineCounter): unknown {
  const [error] = document.errors;
  if (error) {
    const what = error.message.split('\n')[0] ?? 'it is not YAML';
    throw recipeInvalid({ path: [], what }, path, lines.linePos(error.pos[0]).line);
  }
  try {
    return document.toJS() as unknown;
  } catch (error) {
    // Aliases that lead nowhere, or that would fill the memory.
    if (!(error instanceof ReferenceError)) throw error;
    throw recipeInvalid({ path: [], what: error.message }, path);
  }
}

/** A recipe from its text, YAML or JSON. Fails with `recipe-invalid`, which names line and field. @param path of its file, for errors */
export function parseRecipe(text: string, path: string): Recipe {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const parsed = Recipe.safeParse(valueOf(document, path, lines));
  const [issue] = parsed.error?.issues ?? [];
  const fault = issue ? { path: issue.path, what: issueText(issue) } : null;
  const found = fault ?? (parsed.data ? checkRecipe(parsed.data) : null);
  if (found) throw recipeInvalid(found, path, lineOf(found.path, document, lines));
  return parsed.data as Recipe;
}

/** Reads a recipe file. Fails with `recipe-invalid`, and as reading files does. */
export function readRecipe(path: string): Recipe {
  return parseRecipe(readTextFile(path, LARGEST_BYTES, 'recipe-invalid'), path);
}
