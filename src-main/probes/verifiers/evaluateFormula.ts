import { Fraction } from './Fraction.ts';

/** What a formula is worth and which numbers it names, in their order. */
export interface Evaluated {
  /** Null when it divides by zero. */
  readonly value: Fraction | null;
  readonly numbers: readonly number[];
}

/** Longer ones are not read: no problem of eight numbers needs them. */
const MOST_TOKENS = 200;
const MOST_DEPTH = 40;

/**
 * A formula of whole numbers, + - * / and brackets, in exact fractions; products before sums, each from left to right. There are no
 * signs: "-3" is no number. Null for anything else, and for what is longer or deeper than any answer needs.
 */
export function evaluateFormula(tokens: readonly string[]): Evaluated | null {
  if (tokens.length > MOST_TOKENS) return null;
  const reader = new FormulaReader(tokens);
  const value = reader.sum(0);
  if (!reader.wellFormed || !reader.atEnd) return null;
  return { value: reader.divisible ? value : null, numbers: reader.numbers };
}

const ONE = new Fraction(1n);

/** Recursive descent. After a mistake it goes on with 1, and `wellFormed` is false. */
class FormulaReader {
  readonly numbers: number[] = [];
  wellFormed = true;
  divisible = true;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  sum(depth: number): Fraction {
    let value = this.#product(depth);
    for (let sign = this.#take('+', '-'); sign !== null; sign = this.#take('+', '-')) {
      const term = this.#product(depth);
      value = sign === '+' ? value.plus(term) : value.minus(term);
    }
    return value;
  }

  #product(depth: number): Fraction {
    let value = this.#atom(depth);
    for (let sign = this.#take('*', '/'); sign !== null; sign = this.#take('*', '/')) {
      const factor = this.#atom(depth);
      const quotient = sign === '*' ? value.times(factor) : value.over(factor);
      if (quotient === null) this.divisible = false;
      value = quotient ?? ONE;
    }
    return value;
  }

  #atom(depth: number): Fraction {
    const token = this.#tokens[this.#next++] ?? '';
    if (token === '(' && depth < MOST_DEPTH) {
      const value = this.sum(depth + 1);
      if (this.#take(')') === null) this.wellFormed = false;
      return value;
    }
    // As Python reads it, a number has no leading zeros.
    if (!/^(0|[1-9]\d{0,14})$/.test(token)) {
      this.wellFormed = false;
      return ONE;
    }
    this.numbers.push(Number(token));
    return new Fraction(BigInt(token));
  }

  #take(...wanted: readonly string[]): string | null {
    const token = this.#tokens[this.#next];
    if (token === undefined || !wanted.includes(token)) return null;
    this.#next++;
    return token;
  }
}
