import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../checkpoint/fileErrors.ts';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { fileIdentity } from '../tensors/fileIdentity.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import type { JobOptions } from '../kernels/runJob.ts';
import type { RecipeKernels } from './RecipeKernels.ts';
import { workFolder } from './workFolder.ts';

/** Hashes of the tensors of one file, by offset and length, and the state of the file that they are of. */
const Remembered = z.object({ state: z.string(), hashes: z.record(z.string(), z.string()) });
type Remembered = z.infer<typeof Remembered>;

interface Known {
  readonly state: string;
  readonly hashes: Map<string, string>;
  isNew: boolean;
}

const memoryPath = (file: string): string =>
  join(workFolder(), 'content', `${createHash('sha256').update(file).digest('hex').slice(0, 32)}.json`);

/** What is remembered of a file; null where nothing is, or what is there is damaged: it is then computed again. */
function remembered(file: string): Remembered | null {
  try {
    return Remembered.parse(JSON.parse(readFileSync(memoryPath(file), 'utf8')));
  } catch (error) {
    if (systemCode(error) !== null || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

/** Content hashes of stored tensors, remembered in the work folder as long as their file stays the same. */
export class ContentHashes {
  readonly #kernels: Pick<RecipeKernels, 'contentHash'>;
  readonly #files = new Map<string, Known>();

  constructor(kernels: Pick<RecipeKernels, 'contentHash'>) {
    this.#kernels = kernels;
  }

  /** Fails as reading the tensor does, and with `recipe-not-made`. */
  async of(tensor: TensorInfo, options: JobOptions): Promise<string> {
    const known = this.#known(tensor.file);
    const place = `${String(tensor.offset)}:${String(tensor.bytes)}`;
    const old = known.hashes.get(place);
    if (old !== undefined) return old;
    const hash = await this.#kernels.contentHash(tensorSource(asBytes(tensor)), options);
    known.hashes.set(place, hash);
    known.isNew = true;
    return hash;
  }

  /** Keeps what is new. A work folder that cannot be written costs time, not results. */
  save(): void {
    for (const [file, known] of this.#files) {
      if (!known.isNew) continue;
      const path = memoryPath(file);
      const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(
          temporary,
          JSON.stringify({ state: known.state, hashes: Object.fromEntries(known.hashes) }),
        );
        renameSync(temporary, path);
        known.isNew = false;
      } catch (error) {
        if (systemCode(error) === null) throw error;
        rmSync(temporary, { force: true });
      }
    }
  }

  #known(file: string): Known {
    const { size, mtimeNs } = fileIdentity(file);
    const state = JSON.stringify([file, String(size), String(mtimeNs)]);
    const here = this.#files.get(file);
    if (here?.state === state) return here;
    const old = remembered(file);
    const hashes = new Map(old?.state === state ? Object.entries(old.hashes) : []);
    const known = { state, hashes, isNew: false };
    this.#files.set(file, known);
    return known;
  }
}

/** Types that cannot be computed with have bytes all the same. */
function asBytes(tensor: TensorInfo): TensorInfo {
  const { opaque: _, ...rest } = tensor;
  return { ...rest, dtype: 'F8_E4M3', shape: [1, tensor.bytes] };
}
