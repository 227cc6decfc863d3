import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RunLock } from '../../study/RunLock.ts';
import { fileIdentity, fileIdentityIfThere } from '../../tensors/fileIdentity.ts';
import type { LoadedModel } from '../Evaluator.ts';
import type { GgufPlan, GgufTensor } from '../gguf/planGguf.ts';
import { writeGguf, writeGgufTensor } from '../gguf/writeGguf.ts';
import type { WeightWriter } from '../gguf/writeGguf.ts';
import { headerKey, readRecord, syncFolder, writeRecord } from './ModelRecord.ts';
import type { ModelRecord } from './ModelRecord.ts';
import { SourceKeys } from './sourceKey.ts';
import { checkDisk, freeDisk, writingModel } from './writingModel.ts';

export interface BringOptions {
  readonly kernels: WeightWriter;
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

export type Patched = LoadedModel['patched'];

const BUSY = { busy: 'model-busy', name: 'this converted model' } as const;

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** "model.gguf" as it was when its record was written. */
function stateOf(path: string): string {
  const { size, mtimeNs } = fileIdentity(path);
  return `${String(size)}:${String(mtimeNs)}`;
}

/**
 * The converted model in a work folder. It is written whole once; afterwards only weights that are made of something else are written, in
 * place. Whoever has it mapped must have closed it before. One process at a time.
 */
export class ModelFile implements Disposable {
  readonly path: string;
  readonly #folder: string;
  readonly #lock: RunLock;
  readonly #free: (folder: string) => number;

  private constructor(folder: string, free: (folder: string) => number) {
    this.#folder = folder;
    this.#lock = new RunLock(folder, BUSY);
    this.#free = free;
    this.path = join(folder, 'model.gguf');
  }

  /** fails model-busy write-failed */
  static async open(folder: string, free = freeDisk): Promise<ModelFile> {
    await writingModel(folder, () => mkdirSync(folder, { recursive: true }));
    return new ModelFile(folder, free);
  }

  /** Makes the file what the plan says. fails disk-space disk-full write-failed cancelled, and as reading the sources does */
  async bring(plan: GgufPlan, options: BringOptions): Promise<Patched> {
    const start = performance.now();
    const keys = new SourceKeys();
    const record = this.#validRecord(plan);
    const tensors = plan.tensors.filter((tensor) => record?.tensors[tensor.name] !== keys.of(tensor));
    const complete = (): ModelRecord => ({
      schema: 'polarimeter.model-file/1',
      header: headerKey(plan),
      bytes: plan.bytes,
      state: stateOf(this.path),
      tensors: Object.fromEntries(plan.tensors.map((tensor) => [tensor.name, keys.of(tensor)])),
      writing: [],
    });
    if (record === null) await this.#convert(plan, options);
    else if (tensors.length > 0) await this.#patch(record, tensors, options);
    if (tensors.length > 0) await writingModel(this.path, () => writeRecord(this.#folder, complete()));
    const bytes = record === null ? plan.bytes : tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
    return { tensors: tensors.length, bytes, seconds: (performance.now() - start) / 1000 };
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }

  /** What lies in the file where it is of the same form; null where it must be written whole. */
  #validRecord(plan: GgufPlan): ModelRecord | null {
    const record = readRecord(this.#folder);
    const found = fileIdentityIfThere(this.path);
    if (!record || !found || Number(found.size) !== plan.bytes) return null;
    if (record.header !== headerKey(plan) || record.bytes !== plan.bytes) return null;
    // While weights are written the time moves; what they are is in the record.
    return record.state === null || record.state === stateOf(this.path) ? record : null;
  }

  async #convert(plan: GgufPlan, { kernels, signal, onProgress }: BringOptions): Promise<void> {
    const part = `${this.path}.part`;
    for (const old of [this.path, part]) rmSync(old, { force: true });
    checkDisk(this.#folder, plan.bytes, this.#free(this.#folder));
    const progress = onProgress && ((bytes: number) => onProgress(bytes / plan.bytes));
    try {
      await writingModel(part, async () => {
        await writeGguf(plan, part, kernels, { signal, onProgress: progress });
        await syncFile(part);
        renameSync(part, this.path);
        syncFolder(this.#folder);
      });
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  }

  async #patch(
    record: ModelRecord,
    tensors: readonly GgufTensor[],
    { kernels, signal, onProgress }: BringOptions,
  ): Promise<void> {
    const names = new Set(tensors.map(({ name }) => name));
    const left = Object.entries(record.tensors).filter(([name]) => !names.has(name));
    const journal = { ...record, state: null, tensors: Object.fromEntries(left), writing: [...names] };
    await writingModel(this.path, async () => {
      writeRecord(this.#folder, journal);
      for (const [index, tensor] of tensors.entries()) {
        await writeGgufTensor(tensor, this.path, kernels, { signal });
        onProgress?.((index + 1) / tensors.length);
      }
      await syncFile(this.path);
    });
  }
}
