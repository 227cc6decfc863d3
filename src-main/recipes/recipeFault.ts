import { PolarimeterError } from '../contract/errors.ts';

/** Something wrong with a recipe, at a field of it. */
export interface RecipeFault {
  readonly path: readonly PropertyKey[];
  readonly what: string;
}

/** The field in words: edits are counted from 1, as everywhere else. */
export function fieldText(path: readonly PropertyKey[]): string {
  const [first, second, ...rest] = path;
  const isEdit = first === 'edits' && typeof second === 'number';
  const [head, fields] = isEdit ? [`edit ${String(second + 1)}`, rest] : ['', path];
  const text = fields
    .map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return [head, text].filter((part) => part !== '').join(', ');
}

/** An error of a recipe. @param where its file, or the folder of one that was never written */
export function recipeInvalid(
  fault: RecipeFault,
  where: string,
  line: number | null = null,
): PolarimeterError {
  const place = [line === null ? '' : `line ${String(line)}`, fieldText(fault.path)].filter(
    (part) => part !== '',
  );
  const message = place.length === 0 ? fault.what : `${place.join(', ')}: ${fault.what}`;
  return new PolarimeterError('recipe-invalid', message, where);
}

/** An error of one edit of a recipe that shows when it meets its inputs. @param number of the edit, from 1 */
export function editInvalid(number: number, what: string, where: string): PolarimeterError {
  return recipeInvalid({ path: ['edits', number - 1], what }, where);
}
