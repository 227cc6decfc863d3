import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { storedTensors } from '../../contract/checkpoint.ts';
import { placeOf } from '../../contract/placeOf.ts';
import { fileIdentityIfThere } from '../../tensors/fileIdentity.ts';
import { isMadeFile } from '../../tensors/madeFile.ts';
import type { GgufTensor } from '../gguf/planGguf.ts';

/** Keys of the weights of one plan; each file behind them is looked at once. */
export class SourceKeys {
  readonly #states = new Map<string, string | null>();

  /** What a weight is converted from, and how: equal keys mean equal bytes in the converted file. */
  of({ source, dtype, addend }: Pick<GgufTensor, 'source' | 'dtype' | 'addend'>): string {
    const files = storedTensors(source).map(({ file }) => this.#state(file));
    const text = JSON.stringify([placeOf(source), files, dtype, addend]);
    return createHash('sha256').update(text).digest('hex').slice(0, 32);
  }

  /** A made tensor's file is named after what it is made of. */
  #state(file: string): string | null {
    if (isMadeFile(file)) return basename(file);
    const known = this.#states.get(file);
    if (known !== undefined) return known;
    const found = fileIdentityIfThere(file);
    const state = found && `${String(found.size)}:${String(found.mtimeNs)}`;
    this.#states.set(file, state);
    return state;
  }
}
