import { existsSync } from 'node:fs';
import { storedTensors, type Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { FileHandle } from '../kernels/raw.ts';
import { fileIdentity, sameIdentity } from '../tensors/fileIdentity.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import type { FileLease, TensorStore } from '../tensors/TensorStore.ts';

/** Every file behind a checkpoint, held open, so that all of the work sees one state of it. */
export class HeldSources implements Disposable {
  readonly #leases: readonly FileLease<FileHandle>[];
  readonly #stack: DisposableStack;

  /** Fails with `recipe-not-made`, `path-not-found`, `file-changed`, and as opening files does. */
  constructor(checkpoint: Checkpoint, files: TensorStore<FileHandle>) {
    using stack = new DisposableStack();
    const paths = new Set(checkpoint.tensors.flatMap(storedTensors).map(({ file }) => file));
    const missing = [...paths].find((path) => isMadeFile(path) && !existsSync(path));
    if (missing !== undefined)
      throw new PolarimeterError(
        'recipe-not-made',
        'tensors of the recipe are not computed',
        checkpoint.path,
      );
    this.#leases = [...paths].map((path) => stack.use(files.acquire(path)));
    this.#stack = stack.move();
  }

  /** Fails with `file-changed` when one of them is not as it was. */
  check(): void {
    for (const { path, identity } of this.#leases) {
      if (sameIdentity(identity, fileIdentity(path))) continue;
      throw new PolarimeterError('file-changed', 'the file changed while it was being read', path);
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
