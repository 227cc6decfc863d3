import { assert, must } from '../base/assert.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { fileIdentity, sameIdentity } from './fileIdentity.ts';
import type { FileIdentity } from './fileIdentity.ts';

/** How files are really opened. The store decides when. */
export interface FileOpener<Handle> {
  open(path: string): Handle;
  close(handle: Handle): void;
}

/** A share in an open file. The file stays open while any share of it is undisposed. */
export interface FileLease<Handle> extends Disposable {
  readonly path: string;
  readonly handle: Handle;
  /** The file's identity when it was opened. */
  readonly identity: FileIdentity;
}

interface OpenFile<Handle> {
  readonly handle: Handle;
  readonly identity: FileIdentity;
  leases: number;
}

/**
 * Which checkpoint files are open. Each is opened once, at its first lease, and closed with its last one.
 *
 * A run takes a lease on every file that it will read before it starts: all its operations then see one state of the file, and a
 * change in the meantime is an error instead of a result from two states.
 */
export class TensorStore<Handle> implements Disposable {
  readonly #opener: FileOpener<Handle>;
  readonly #files = new Map<string, OpenFile<Handle>>();
  #disposed = false;

  constructor(opener: FileOpener<Handle>) {
    this.#opener = opener;
  }

  /** Number of files that are open now. */
  get openFiles(): number {
    return this.#files.size;
  }

  /**
   * A share in the file at `path`, which is opened when it is not.
   * Fails with `file-changed` when the path now leads to another state than the one that is open, or than `expected`;
   * with `path-not-found`, `path-not-readable`, and with what the opener fails with.
   */
  acquire(path: string, expected?: FileIdentity): FileLease<Handle> {
    assert(!this.#disposed, 'the tensor store was disposed');
    const present = fileIdentity(path);
    const open = this.#files.get(path);
    for (const known of [expected, open?.identity]) {
      if (known && !sameIdentity(known, present)) {
        throw new PolarimeterError(
          'file-changed',
          'the file is no longer as it was when the work began',
          path,
        );
      }
    }
    const file = open ?? this.#open(path, present);
    file.leases += 1;
    return this.#lease(path, file);
  }

  /** Closes every file, whatever leases are left; they must not be used any more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const path of [...this.#files.keys()]) this.#close(path);
  }

  #open(path: string, before: FileIdentity): OpenFile<Handle> {
    const handle = this.#opener.open(path);
    const file = { handle, identity: before, leases: 0 };
    this.#files.set(path, file);
    try {
      if (sameIdentity(before, fileIdentity(path))) return file;
      throw new PolarimeterError('file-changed', 'the file changed while it was being opened', path);
    } catch (error) {
      this.#close(path);
      throw error;
    }
  }

  #lease(path: string, file: OpenFile<Handle>): FileLease<Handle> {
    let ended = false;
    return {
      path,
      handle: file.handle,
      identity: file.identity,
      [Symbol.dispose]: () => {
        if (ended || this.#disposed) return;
        ended = true;
        file.leases -= 1;
        if (file.leases === 0) this.#close(path);
      },
    };
  }

  #close(path: string): void {
    const file = must(this.#files.get(path), `${path} is not open`);
    this.#files.delete(path);
    this.#opener.close(file.handle);
  }
}
