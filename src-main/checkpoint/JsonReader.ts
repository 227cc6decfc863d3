import { quoteName } from './quoteName.ts';

/** What is wrong with a JSON text: it is no JSON, or it is JSON that says something else than was asked for. */
export class JsonFault extends Error {
  readonly kind: 'syntax' | 'content';

  constructor(kind: 'syntax' | 'content', message: string) {
    super(message);
    this.name = 'JsonFault';
    this.kind = kind;
  }
}

const DEEPEST = 64;
/** V8 copies slices of at most 12 characters; longer ones refer to the text that they were cut from. */
const LONGEST_COPIED = 13;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/**
 * Pulls expected values out of a JSON text, front to back.
 *
 * JSON.parse keeps the last of several equal keys without a word and builds whatever a hostile file asks for. This
 * reader refuses equal keys, keeps only what its caller keeps, and never nests deeper than 64. Throws JsonFault.
 */
export class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads an object; visit is called after each key and must read its value. */
  object(visit: (key: string) => void): void {
    const seen = new Set<string>();
    this.#list('{', '}', () => {
      const key = this.string();
      if (seen.has(key)) throw new JsonFault('content', `the key ${quoteName(key)} appears twice`);
      seen.add(key);
      this.#expect(':');
      visit(key);
    });
  }

  /** Reads an array; visit must read one item. */
  array(visit: () => void): void {
    this.#list('[', ']', visit);
  }

  string(): string {
    const start = this.#skipSpace();
    const text = this.#text;
    if (text.charCodeAt(start) !== QUOTE) throw this.#unexpected('a string', true);
    let end = start + 1;
    let isPlain = true;
    for (let code = text.charCodeAt(end); end < text.length && code !== QUOTE; code = text.charCodeAt(end)) {
      isPlain &&= code !== BACKSLASH && code >= 0x20;
      end += code === BACKSLASH ? 2 : 1;
    }
    if (end >= text.length)
      throw new JsonFault('syntax', `the string at character ${String(start)} does not end`);
    this.#at = end + 1;
    if (isPlain && end - start <= LONGEST_COPIED) return text.slice(start + 1, end);
    try {
      // Parsing makes a copy; a longer slice would keep the whole text in memory for one name.
      return JSON.parse(text.slice(start, end + 1)) as string;
    } catch {
      throw new JsonFault('syntax', `the string at character ${String(start)} is not valid JSON`);
    }
  }

  /** Reads an integer from 0 to 2^53 - 1. */
  integer(): number {
    const start = this.#skipSpace();
    const text = this.#text;
    if (!isDigit(text.charCodeAt(start)) && text[start] !== '-') throw this.#unexpected('an integer', true);
    const number = this.#match(NUMBER);
    const value = /^\d{1,16}$/.test(number) ? Number(number) : NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new JsonFault('content', `${number.slice(0, 40)} is not an integer from 0 to 2^53 - 1`);
  }

  /** Passes over one value of any kind. */
  skip(depth = 0): void {
    if (depth > DEEPEST) throw new JsonFault('content', `values are nested deeper than ${String(DEEPEST)}`);
    const first = this.#text[this.#skipSpace()];
    if (first === '{') this.object(() => this.skip(depth + 1));
    else if (first === '[') this.array(() => this.skip(depth + 1));
    else if (first === '"') this.string();
    else if (first !== undefined && /[-\d]/.test(first)) this.#match(NUMBER);
    else this.#match(LITERAL);
  }

  /** Makes sure that nothing but white space is left. */
  end(): void {
    if (this.#skipSpace() < this.#text.length) throw this.#unexpected('the end');
  }

  #list(open: string, close: string, visit: () => void): void {
    if (!this.#accept(open)) throw this.#unexpected(`"${open}"`, true);
    if (this.#accept(close)) return;
    do visit();
    while (this.#accept(','));
    this.#expect(close);
  }

  #skipSpace(): number {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#at;
  }

  #accept(mark: string): boolean {
    if (this.#text[this.#skipSpace()] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw this.#unexpected(`"${mark}"`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unexpected('a value');
    this.#at += found.length;
    return found;
  }

  /** A value of another type is a fault of content, anything else one of syntax. */
  #unexpected(wanted: string, value = false): JsonFault {
    const found = this.#text[this.#at];
    if (found === undefined) return new JsonFault('syntax', `the text ends where ${wanted} should be`);
    const kind = value && /["[{\dtfn-]/.test(found) ? 'content' : 'syntax';
    return new JsonFault(kind, `${quoteName(found)} at character ${String(this.#at)} should be ${wanted}`);
  }
}
