import { evaluateFormula } from './evaluateFormula.ts';

const OPERATORS = ['+', '-', '*', '/'];

/**
 * The solutions of a hand as the environment writes them (`solve` in general_points_oneline.py, arXiv 2501.17161): every order of the
 * numbers, every choice of operators, and no brackets, one pair, or two pairs beside each other. For at most four numbers; none for more.
 */
export function writtenSolutions(numbers: readonly number[], target: number): string[] {
  if (numbers.length > 4) return [];
  const solutions = new Set<string>();
  const operators = choices(numbers.length - 1);
  const brackets = bracketPlaces(2 * numbers.length - 1);
  for (const order of orders(numbers.map(String))) {
    for (const signs of operators) {
      const plain = order.flatMap((number, i) =>
        i < signs.length ? [number, signs[i] as string] : [number],
      );
      for (const places of brackets) {
        const tokens = [...plain];
        for (const [i, place] of places.entries()) tokens.splice(place, 0, i % 2 === 0 ? '(' : ')');
        if (evaluateFormula(tokens)?.value?.is(target)) solutions.add(tokens.join(''));
      }
    }
  }
  return [...solutions];
}

/** Where brackets are put into an expression of so many tokens, each after those before it. */
function bracketPlaces(length: number): number[][] {
  const places: number[][] = [[]];
  for (let open = 0; open < length; open += 2) {
    for (let close = open + 4; close < length + 2; close += 2) {
      if (open !== 0 || close !== length + 1) places.push([open, close]);
    }
  }
  return length === 7 ? [...places, [0, 4, 6, 10]] : places;
}

function choices(count: number): string[][] {
  if (count <= 0) return [[]];
  return choices(count - 1).flatMap((chosen) => OPERATORS.map((operator) => [...chosen, operator]));
}

function orders(numbers: readonly string[]): string[][] {
  if (numbers.length === 0) return [[]];
  return [...new Set(numbers)].flatMap((first) => {
    const rest = numbers.toSpliced(numbers.indexOf(first), 1);
    return orders(rest).map((others) => [first, ...others]);
  });
}
