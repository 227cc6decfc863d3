/** Reasons for values that are not there, numbered in the order of their first use. */
export class Footnotes {
  readonly #numbers = new Map<string, number>();

  /** The mark of a reason, e.g. "[1]". */
  mark(reason: string): string {
    const number = this.#numbers.get(reason) ?? this.#numbers.size + 1;
    this.#numbers.set(reason, number);
    return `[${String(number)}]`;
  }

  lines(): string[] {
    return [...this.#numbers].map(([reason, number]) => `[${String(number)}] ${reason}`);
  }
}
