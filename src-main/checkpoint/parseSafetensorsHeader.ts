import { fileError } from './fileErrors.ts';
import { JsonFault, JsonReader } from './JsonReader.ts';
import { quoteName } from './quoteName.ts';

/** One entry of a header as it stands there; begin and end count from the first byte after the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface ParsedHeader {
  readonly metadata: ReadonlyMap<string, string>;
  readonly entries: readonly HeaderEntry[];
}

const MOST_TENSORS = 1_000_000;
const MOST_DIMENSIONS = 64;
const LONGEST_NAME = 2048;
const LONGEST_DTYPE = 32;
/** Such names would let a file move the cursor of a terminal or reverse the text of a report. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

const invalid = (what: string): JsonFault => new JsonFault('content', what);

function readIntegers(reader: JsonReader, most: number): number[] {
  const values: number[] = [];
  reader.array(() => {
    if (values.length === most) throw invalid(`a list has more than ${String(most)} numbers`);
    values.push(reader.integer());
  });
  return values;
}

function readEntry(reader: JsonReader, name: string): HeaderEntry {
  const found: { dtype?: string; shape?: number[]; offsets?: number[] } = {};
  reader.object((key) => {
    if (key === 'dtype') found.dtype = reader.string();
    else if (key === 'shape') found.shape = readIntegers(reader, MOST_DIMENSIONS);
    else if (key === 'data_offsets') found.offsets = readIntegers(reader, 2);
    else reader.skip();
  });
  const { dtype, shape, offsets = [] } = found;
  const { begin, end } = checkedOffsets(offsets);
  if (dtype === undefined) throw invalid('it has no dtype');
  if (shape === undefined) throw invalid('it has no shape');
  if (!/^[!-~]+$/.test(dtype) || dtype.length > LONGEST_DTYPE)
    throw invalid(`${quoteName(dtype)} is no element type`);
  return { name, dtype, shape, begin, end };
}

function checkedOffsets(offsets: readonly number[]): { begin: number; end: number } {
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined) throw invalid('it has no data_offsets of two numbers');
  if (begin > end) throw invalid(`its byte range is backwards, from ${String(begin)} to ${String(end)}`);
  return { begin, end };
}

function checkName(name: string): void {
  if (name.length > LONGEST_NAME) throw invalid(`its name has ${String(name.length)} characters`);
  if (UNPRINTABLE.test(name)) throw invalid('its name holds control characters');
}

function readNamedEntry(reader: JsonReader, name: string): HeaderEntry {
  try {
    checkName(name);
    return readEntry(reader, name);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new JsonFault(error.kind, `tensor ${quoteName(name)}: ${error.message}`);
  }
}

function readHeader(text: string): ParsedHeader {
  const metadata = new Map<string, string>();
  const entries: HeaderEntry[] = [];
  const reader = new JsonReader(text);
  reader.object((key) => {
    if (key === '__metadata__') reader.object((field) => metadata.set(field, reader.string()));
    else if (entries.length < MOST_TENSORS) entries.push(readNamedEntry(reader, key));
    else throw invalid(`the header lists more than ${String(MOST_TENSORS)} tensors`);
  });
  reader.end();
  return { metadata, entries };
}

/**
 * Reads the JSON of a safetensors header. Strict where the format is (no equal keys, unsigned integers, string metadata),
 * tolerant where it may grow (unknown dtypes and fields). Fails with header-not-json or header-invalid.
 */
export function parseSafetensorsHeader(json: Uint8Array, file: string): ParsedHeader {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw fileError('header-not-json', file, 'the header is not UTF-8 text');
  }
  try {
    return readHeader(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const code = error.kind === 'syntax' ? 'header-not-json' : 'header-invalid';
    throw fileError(code, file, `header: ${error.message}`);
  }
}
