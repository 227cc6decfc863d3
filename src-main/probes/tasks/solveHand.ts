/** A part of a formula on the way: an exact value and the texts of its terms and factors, sorted, so that equal formulas are equal texts. */
interface Part {
  readonly numerator: number;
  readonly denominator: number;
  /** Added, then subtracted. */
  readonly sum: readonly [readonly string[], readonly string[]];
  /** Multiplied, then divided by. */
  readonly product: readonly [readonly string[], readonly string[]];
}

/**
 * The essentially different formulas that make the target, which is not negative: orders of terms or factors, and brackets that change
 * nothing, do not count. No part is negative: a formula with one can be written without. Exact: numbers of four cards stay far below
 * 2^53. An empty list: the hand cannot be solved.
 */
export function solveHand(numbers: readonly number[], target: number): string[] {
  const found = new Set<string>();
  combine(numbers.map(leaf), (whole) => {
    if (whole.numerator === target * whole.denominator) found.add(asSum(whole));
  });
  return [...found];
}

function leaf(value: number): Part {
  const text = String(value);
  return { numerator: value, denominator: 1, sum: [[text], []], product: [[text], []] };
}

function combine(parts: readonly Part[], visit: (whole: Part) => void): void {
  const [only] = parts;
  if (parts.length === 1 && only) {
    visit(only);
    return;
  }
  for (const [i, a] of parts.entries()) {
    for (const b of parts.slice(i + 1)) {
      const rest = parts.filter((part) => part !== a && part !== b);
      const [large, small] = a.numerator * b.denominator >= b.numerator * a.denominator ? [a, b] : [b, a];
      const wholes = [
        add(a, b),
        subtract(large, small),
        multiply(a, b),
        divide(large, small),
        divide(small, large),
      ];
      for (const whole of wholes) if (whole) combine([...rest, whole], visit);
    }
  }
}

const together = (a: readonly string[], b: readonly string[]): string[] => [...a, ...b].sort();

function add(a: Part, b: Part): Part {
  return sumPart(a, b, [together(a.sum[0], b.sum[0]), together(a.sum[1], b.sum[1])]);
}

function subtract(a: Part, b: Part): Part {
  const sum = [together(a.sum[0], b.sum[1]), together(a.sum[1], b.sum[0])] as const;
  return sumPart(a, { ...b, numerator: -b.numerator }, sum);
}

function sumPart(a: Part, b: Part, sum: Part['sum']): Part {
  const text = `(${signed(sum, '+', '-')})`;
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
    sum,
    product: [[text], []],
  };
}

function multiply(a: Part, b: Part): Part {
  const product = [together(a.product[0], b.product[0]), together(a.product[1], b.product[1])] as const;
  return productPart(a.numerator * b.numerator, a.denominator * b.denominator, product);
}

function divide(a: Part, b: Part): Part | null {
  if (b.numerator === 0) return null;
  const product = [together(a.product[0], b.product[1]), together(a.product[1], b.product[0])] as const;
  return productPart(a.numerator * b.denominator, a.denominator * b.numerator, product);
}

function productPart(numerator: number, denominator: number, product: Part['product']): Part {
  return { numerator, denominator, sum: [[signed(product, '*', '/')], []], product };
}

function asSum(part: Part): string {
  return signed(part.sum, '+', '-');
}

function signed([first, second]: Part['sum'], sign: string, inverse: string): string {
  return first.join(sign) + second.map((text) => inverse + text).join('');
}
