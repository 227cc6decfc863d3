import type { PolarimeterError } from '../../contract/errors.ts';
import { fileError } from '../fileErrors.ts';
import type { OpenFile } from '../readBytes.ts';

const PIECE_BYTES = 256 * 1024;
/** Tokenizers of the largest vocabularies take some 30 MB. */
const LARGEST_HEADER = 256 * 1024 * 1024;
const TWO_32 = 2 ** 32;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads little-endian values front to back, in pieces of 256 KiB, so that a long header is never held as a whole.
 * Ends in gguf-damaged at the end of the file, and 256 MiB after its beginning.
 */
export class GgufCursor {
  readonly #file: OpenFile;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;
  #at = 0;
  /** What is being read, for messages. */
  reading = 'the header';

  constructor(file: OpenFile) {
    this.#file = file;
  }

  get position(): number {
    return this.#at;
  }

  get size(): number {
    return this.#file.size;
  }

  /** An error about what is being read. */
  damaged(what: string): PolarimeterError {
    return fileError(
      'gguf-damaged',
      this.#file.path,
      `${this.reading} ${what} (at byte ${String(this.#at)})`,
    );
  }

  u8(): number {
    return this.#take(1, (window, at) => window.readUInt8(at));
  }

  u32(): number {
    return this.#take(4, (window, at) => window.readUInt32LE(at));
  }

  /** A number of the window; read is called where `bytes` bytes are there. */
  scalar(bytes: number, read: (window: Buffer, at: number) => number): number {
    return this.#take(bytes, read);
  }

  /** An unsigned number of 64 bits that must fit into 53. */
  u64(): number {
    const low = this.u32();
    const high = this.u32();
    const value = high * TWO_32 + low;
    if (Number.isSafeInteger(value)) return value;
    throw this.damaged(`has a number of ${String(value)}, beyond 2^53`);
  }

  /** Passes over bytes without reading them. */
  skip(count: number): void {
    this.#checkRoom(count);
    this.#at += count;
  }

  /** A text with its length before it; refused where it is longer than `longest` bytes or not UTF-8. */
  text(longest: number): string {
    const length = this.u64();
    if (length > longest)
      throw this.damaged(`has a text of ${String(length)} bytes, at most ${String(longest)} are allowed`);
    return this.textOf(length);
  }

  /** The next `length` bytes as a text; length must be small. */
  textOf(length: number): string {
    this.#load(length);
    const at = this.#at - this.#start;
    const bytes = this.#window.subarray(at, at + length);
    try {
      const text = UTF8.decode(bytes);
      this.#at += length;
      return text;
    } catch {
      throw this.damaged('has a text that is not UTF-8');
    }
  }

  #take(bytes: number, read: (window: Buffer, at: number) => number): number {
    this.#load(bytes);
    const value = read(this.#window, this.#at - this.#start);
    this.#at += bytes;
    return value;
  }

  #load(bytes: number): void {
    const offset = this.#at - this.#start;
    if (offset + bytes <= this.#window.length) return;
    this.#checkRoom(bytes);
    this.#window = this.#file.read(this.#at, Math.max(bytes, PIECE_BYTES));
    this.#start = this.#at;
    if (this.#window.length < bytes) throw this.#ends(this.#at + this.#window.length);
  }

  #checkRoom(bytes: number): void {
    const end = this.#at + bytes;
    if (end > this.size) throw this.#ends(this.size);
    if (end > LARGEST_HEADER) throw this.damaged('lies beyond the 256 MiB that a header may have');
  }

  #ends(at: number): PolarimeterError {
    return this.damaged(`does not fit: the file ends at byte ${String(at)}, an incomplete download`);
  }
}
