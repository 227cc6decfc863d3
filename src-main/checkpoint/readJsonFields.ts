import type { ErrorCode } from '../contract/errors.ts';
import { fileError } from './fileErrors.ts';
import { readTextFile } from './readTextFile.ts';

/** A JSON object whose fields are not checked yet. */
export type JsonFields = Readonly<Record<string, unknown>>;

const LONGEST_REASON = 200;

export const isJsonFields = (value: unknown): value is JsonFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Python writes NaN and Infinity into JSON; JSON has no such words, so they are read as null. */
function parseLenientJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    const strict = source.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
      token[0] === '"' ? token : 'null',
    );
    return JSON.parse(strict);
  }
}

/** The parser quotes the file, so its words are made printable. */
const firstLine = (error: Error): string =>
  (error.message.split('\n')[0] ?? '').slice(0, LONGEST_REASON).replace(/[\p{C}\p{Bidi_Control}]/gu, ' ');

/** The fields of a JSON file of at most `limit` bytes that holds an object. `invalid` is the code for anything else. */
export function readJsonFields(path: string, limit: number, invalid: ErrorCode): JsonFields {
  try {
    const parsed = parseLenientJson(readTextFile(path, limit, invalid));
    if (!isJsonFields(parsed)) throw fileError(invalid, path, 'is not a JSON object');
    return parsed;
  } catch (error) {
    if (error instanceof SyntaxError) throw fileError(invalid, path, `is not JSON (${firstLine(error)})`);
    throw error;
  }
}
