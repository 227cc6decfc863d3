import type { PickleFault } from './PickleFault.ts';
import { damaged, refused } from './PickleFault.ts';

/** Where the bytes of a pickle lie. */
export interface PickleSource {
  readonly read: (position: number, count: number) => Buffer;
  /** Position of the first byte, and of the first one that no longer belongs to it. */
  readonly start: number;
  readonly end: number;
}

const WINDOW = 1 << 18;
const LONGEST_LINE = 1024;
const LARGEST_PICKLE = 256 * 2 ** 20;
const LINE_FEED = 0x0a;

/** Reads a pickle front to back through a small window, so that its size costs no memory. */
export class PickleBytes {
  readonly #source: PickleSource;
  readonly #end: number;
  #at: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(source: PickleSource) {
    this.#source = source;
    this.#end = Math.min(source.end, source.start + LARGEST_PICKLE);
    this.#at = source.start;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at - this.#source.start;
  }

  byte(): number {
    const inWindow = this.#window[this.#at - this.#windowAt];
    if (inWindow === undefined || this.#at >= this.#end) return this.take(1).readUInt8(0);
    this.#at++;
    return inWindow;
  }

  /** The next bytes; they stay valid until the next call. */
  take(count: number): Buffer {
    if (count > this.#end - this.#at) throw this.#tooShort(count);
    let from = this.#at - this.#windowAt;
    if (from < 0 || from + count > this.#window.length) {
      this.#window = this.#source.read(this.#at, Math.min(Math.max(count, WINDOW), this.#end - this.#at));
      this.#windowAt = this.#at;
      from = 0;
      if (this.#window.length < count) throw this.#tooShort(count);
    }
    this.#at += count;
    return this.#window.subarray(from, from + count);
  }

  /** Text up to a line feed, without it. */
  line(): string {
    const codes: number[] = [];
    for (let code = this.byte(); code !== LINE_FEED; code = this.byte()) {
      if (codes.length === LONGEST_LINE)
        throw damaged(`the line at byte ${String(this.position - LONGEST_LINE - 1)} does not end`);
      codes.push(code);
    }
    return Buffer.from(codes).toString('utf8');
  }

  #tooShort(count: number): PickleFault {
    const has = `the pickle has more than ${String(LARGEST_PICKLE)} bytes`;
    if (this.#source.end > this.#end && count <= LARGEST_PICKLE) return refused(has);
    const missing = count - (this.#end - this.#at);
    return damaged(
      `the pickle ends at byte ${String(this.#end - this.#source.start)}, ${String(missing)} bytes too early`,
    );
  }
}
