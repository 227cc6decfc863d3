import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DTYPE_BITS, TensorInfo } from '../../src-main/contract/checkpoint.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { FuzzTarget } from './fuzzTargets.ts';

/** Name of the file that holds the input of the run in progress. */
export const LAST_INPUT = 'last-input';

const MOST_SECONDS = 2;
const MOST_GROWTH = 400 * 2 ** 20;
/** Control characters would reach a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/u;

/** What must hold of every list of tensors that a parser returns, however the file came about. */
function checkTensors(result: unknown): void {
  if (typeof result !== 'object' || result === null || !('tensors' in result) || !('size' in result)) return;
  const { tensors, size } = result as { tensors: readonly unknown[]; size: number };
  const names = new Set<string>();
  for (const each of tensors) {
    const { name, dtype, shape, offset, bytes, opaque } = TensorInfo.parse(each);
    if (names.has(name)) throw new Error(`two tensors are called ${name}`);
    names.add(name);
    if (offset + bytes > size) throw new Error(`tensor ${name} ends behind the file`);
    const bits = Object.hasOwn(DTYPE_BITS, dtype) ? DTYPE_BITS[dtype] : undefined;
    const elements = shape.reduce((product, length) => product * length, 1);
    if (opaque === undefined && bits !== undefined && elements * bits !== bytes * 8)
      throw new Error(`tensor ${name} has ${String(bytes)} bytes for ${String(elements)} elements`);
  }
}

/** Runs inputs through one parser and says what is wrong with what happened. */
export class FuzzRunner {
  readonly #target: FuzzTarget;
  readonly #file: string;
  readonly #input: string;
  #highest = 0;
  runs = 0;

  /** The folder is used for the file that the parser reads, and keeps the last input. */
  constructor(target: FuzzTarget, folder: string) {
    this.#target = target;
    this.#file = join(folder, target.file);
    this.#input = join(folder, LAST_INPUT);
  }

  /** Null when the parser took the input or refused it in words; else what it did instead. */
  run(input: Uint8Array): string | null {
    // Whatever becomes of this process, the input that it was working on can be found.
    writeFileSync(this.#input, input);
    writeFileSync(this.#file, this.#target.wrap?.(input) ?? input);
    this.runs++;
    const before = process.memoryUsage.rss();
    this.#highest = Math.max(this.#highest, before);
    const started = process.cpuUsage();
    const problem = this.#parse();
    const { user, system } = process.cpuUsage(started);
    if (problem !== null) return problem;
    if (user + system > MOST_SECONDS * 1e6)
      return `took ${String((user + system) / 1e6)} s of processor time`;
    const growth = process.memoryUsage.rss() - this.#highest;
    return growth > MOST_GROWTH ? `took ${String(Math.round(growth / 2 ** 20))} MiB` : null;
  }

  #parse(): string | null {
    try {
      checkTensors(this.#target.parse(this.#file));
      return null;
    } catch (error) {
      if (!(error instanceof PolarimeterError))
        return error instanceof Error ? (error.stack ?? error.message) : String(error);
      return UNPRINTABLE.test(error.message) ? `says ${JSON.stringify(error.message)}` : null;
    }
  }
}
