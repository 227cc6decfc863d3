import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Checkpoint, TensorInfo } from '../contract/checkpoint.ts';
import { DTYPE_BITS, isComputable } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { type AdapterBase, openAdapter } from './adapter/openAdapter.ts';
import { checkpointStep, checkpointTitle } from './checkpointTitle.ts';
import { countElements } from './checkTensorLayout.ts';
import { accessing } from './fileErrors.ts';
import { findWeights, type WeightFiles } from './findWeights.ts';
import { quoteName, quoteNames } from './quoteName.ts';
import { type FileHeader, readHeaders } from './readHeaders.ts';
import type { ConfigReading } from './readModelConfig.ts';
import { readModelConfig } from './readModelConfig.ts';

const NO_ADAPTER_BASE: AdapterBase = { named: null, fallback: null };

function unknownTypes(tensors: readonly TensorInfo[]): string[] {
  const types = new Set(
    tensors
      .filter((tensor) => !isComputable(tensor))
      .map(({ dtype }) => dtype)
      .filter((dtype) => !Object.hasOwn(DTYPE_BITS, dtype)),
  );
  return types.size === 0
    ? []
    : [`element types that cannot be computed with are listed, never compared: ${quoteNames([...types])}`];
}

function configWarnings({ config, quantization }: ConfigReading): string[] {
  if (config === null) {
    return [
      'there is no config.json: attention heads and tied embeddings are judged by names and shapes alone',
    ];
  }
  return quantization === null ? [] : [`config.json declares quantised weights (${quantization})`];
}

/** What the files themselves declare; else config.json of their folder. */
function configOf(folder: string, headers: readonly FileHeader[]): ConfigReading {
  const declared = headers.find(({ config }) => config !== null)?.config ?? null;
  return declared === null ? readModelConfig(folder) : { config: declared, quantization: null };
}

function openModel(path: string, weights: WeightFiles): Checkpoint {
  const headers = readHeaders(weights);
  const reading = configOf(weights.folder, headers);
  const tensors = headers.flatMap((header) => header.tensors);
  if (tensors.length === 0) throw new PolarimeterError('not-a-checkpoint', 'its files hold no tensors', path);
  const ownWarnings = [...new Set(headers.flatMap(({ warnings }) => warnings))];
  return {
    path,
    title: checkpointTitle(path),
    format: weights.format,
    config: reading.config,
    tensors,
    files: [...new Set(tensors.map(({ file }) => file))],
    parameters: tensors.reduce((sum, { shape }) => sum + (countElements(shape) ?? 0), 0),
    bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    warnings: [...weights.warnings, ...ownWarnings, ...configWarnings(reading), ...unknownTypes(tensors)],
    step: checkpointStep(path),
  };
}

const circle = (folders: readonly string[], path: string): PolarimeterError => {
  const names = folders.map((folder) => quoteName(basename(folder))).join(' on ');
  return new PolarimeterError(
    'adapter-invalid',
    `adapters are laid on each other in a circle: ${names}`,
    path,
  );
};

/** Adapters on top of each other; the native core takes no more derivations. */
const MOST_ADAPTERS = 8;

/** @param around adapters that this one is the base of */
function open(path: string, adapterBase: AdapterBase, around: readonly string[]): Checkpoint {
  const isFolder = accessing(path, () => statSync(path)).isDirectory();
  const weights = findWeights(path, isFolder);
  if (weights.format !== 'adapter') return openModel(path, weights);
  if (around.includes(weights.folder))
    throw circle([...around.slice(around.indexOf(weights.folder)), weights.folder], path);
  if (around.length === MOST_ADAPTERS) {
    const what = `more than ${String(MOST_ADAPTERS)} adapters are laid on each other`;
    throw new PolarimeterError('adapter-unsupported', what, path);
  }
  const openBase = (base: string): Checkpoint => open(base, NO_ADAPTER_BASE, [...around, weights.folder]);
  return openAdapter(path, weights.folder, { base: adapterBase, open: openBase });
}

/**
 * Opens a checkpoint, given as a folder, a file, an index, or one of several shards. Reads headers only.
 * Fails with a code for each thing that can be wrong with it, see contract/fileErrorKinds.ts.
 * @param adapterBase what an adapter is laid on: `named` wins over what its own configuration names, `fallback` is the last resort
 */
export function openCheckpoint(path: string, adapterBase: AdapterBase = NO_ADAPTER_BASE): Checkpoint {
  return open(resolve(path), adapterBase, []);
}
