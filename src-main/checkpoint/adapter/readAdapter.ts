import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorInfo } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { fileError } from '../fileErrors.ts';
import { readPytorchHeader } from '../pytorch/readPytorchHeader.ts';
import { quoteName } from '../quoteName.ts';
import { readSafetensorsHeader } from '../readSafetensorsHeader.ts';
import { readTextFile } from '../readTextFile.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from './isAdapterFolder.ts';
import type { AdapterConfig } from './parseAdapterConfig.ts';
import { parseAdapterConfig } from './parseAdapterConfig.ts';

/** A PEFT adapter on disk: what it changes, and by which matrices. Headers only. */
export interface Adapter {
  readonly config: AdapterConfig;
  /** As they stand in the file, under their own names. */
  readonly tensors: readonly TensorInfo[];
  /** Absolute path of the file that holds them. */
  readonly file: string;
}

/** Describes the tensors of one file of weights. */
export type TensorReader = (file: string) => readonly TensorInfo[];

const LARGEST_CONFIG = 4_000_000;

function readWeights(file: string): readonly TensorInfo[] {
  return (file.endsWith('.safetensors') ? readSafetensorsHeader(file) : readPytorchHeader(file)).tensors;
}

function readConfig(folder: string): AdapterConfig {
  const file = join(folder, ADAPTER_CONFIG);
  return parseAdapterConfig(readTextFile(file, LARGEST_CONFIG, 'adapter-invalid'), file);
}

/**
 * Reads a PEFT LoRA adapter: adapter_config.json and the header of adapter_model.safetensors or else adapter_model.bin.
 * Fails with adapter-invalid, adapter-unsupported, or the codes of the reader of its weights.
 */
export function readAdapter(folder: string, readTensors: TensorReader = readWeights): Adapter {
  const config = readConfig(folder);
  const file = ADAPTER_WEIGHTS.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined) {
    const what = `holds ${quoteName(ADAPTER_CONFIG)}, but no weights of an adapter`;
    throw new PolarimeterError('adapter-invalid', `this folder ${what}`, folder);
  }
  const tensors = readTensors(file);
  if (tensors.length === 0) throw fileError('adapter-invalid', file, 'holds no tensors');
  return { config, tensors, file };
}
