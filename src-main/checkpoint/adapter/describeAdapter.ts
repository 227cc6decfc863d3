import type { TensorInfo } from '../../contract/checkpoint.ts';
import { checkpointStep, checkpointTitle } from '../checkpointTitle.ts';
import { countElements } from '../checkTensorLayout.ts';
import { readAdapter } from './readAdapter.ts';

/** An adapter as it is listed, without its base: parameters and bytes are those of its own matrices. */
export interface AdapterSummary {
  readonly path: string;
  readonly title: string;
  readonly format: 'adapter';
  readonly step: number | null;
  readonly parameters: number;
  readonly bytes: number;
  readonly tensors: readonly TensorInfo[];
  /** The file that holds them. */
  readonly files: readonly string[];
}

/** Lists the adapter in a folder. Fails with the codes of readAdapter; whether its base is there is not asked. */
export function describeAdapter(folder: string): AdapterSummary {
  const { tensors, file } = readAdapter(folder);
  return {
    path: folder,
    title: checkpointTitle(folder),
    format: 'adapter',
    step: checkpointStep(folder),
    parameters: tensors.reduce((sum, { shape }) => sum + (countElements(shape) ?? 0), 0),
    bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    tensors,
    files: [file],
  };
}
