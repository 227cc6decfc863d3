import type { Row } from '../contract/rows.ts';

type Value = Row['parameters'][string];

/** Words and absences that differ are listed; more of them than this are counted. */
const LISTED = 4;

function mergeValues(values: readonly Value[]): Value {
  const [first] = values;
  if (values.length === 1) return first ?? null;
  const numbers = values.filter((value) => typeof value === 'number');
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const range =
    numbers.length === 0 ? [] : [low === high ? String(low) : `${String(low)} to ${String(high)}`];
  const words = values.filter((value) => typeof value === 'string');
  const all = [...range, ...words, ...(values.includes(null) ? ['none'] : [])];
  const rest = all.length - LISTED;
  return rest > 0 ? `${all.slice(0, LISTED).join(', ')} and ${String(rest)} more` : all.join(', ');
}

/** Parameters of a group of tensors: numbers that differ between them are written as a range, words as a list. */
export function mergeParameters(all: readonly Row['parameters'][]): Row['parameters'] {
  // Mostly there is one tensor, or all of them share one object.
  const [first] = all;
  if (first && all.every((parameters) => parameters === first)) return first;
  const distinct = [...new Set(all)];
  const names = [...new Set(distinct.flatMap((parameters) => Object.keys(parameters)))];
  return Object.fromEntries(
    names.map((name) => [name, mergeValues([...new Set(distinct.map((each) => each[name] ?? null))])]),
  );
}
