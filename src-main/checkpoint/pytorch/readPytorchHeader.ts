import type { TensorInfo } from '../../contract/checkpoint.ts';
import { fileError } from '../fileErrors.ts';
import type { OpenFile } from '../readBytes.ts';
import { withFile } from '../readBytes.ts';
import { explainBytes, TELLING_BYTES } from './explainBytes.ts';
import { PickleFault } from './PickleFault.ts';
import { pickStateDict } from './pickStateDict.ts';
import { placeTensor } from './placeTensor.ts';
import type { SavedObject } from './readArchive.ts';
import { readArchive } from './readArchive.ts';
import { readLegacy } from './readLegacy.ts';

/** What one file of torch.save says about itself. */
export interface PytorchHeader {
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /** In the order of the dictionary; tied tensors lie on the same bytes. */
  readonly tensors: readonly TensorInfo[];
  /** Which part of the file was taken for the weights and what was left aside, in words. */
  readonly warnings: readonly string[];
}

const ZIP = 'PK\x03\x04';
const PICKLE = 0x80;

function readSaved(file: OpenFile): SavedObject {
  const start = file.read(0, TELLING_BYTES);
  if (start.toString('latin1', 0, ZIP.length) === ZIP) return readArchive(file);
  if (start[0] === PICKLE) return readLegacy(file);
  throw explainBytes(file.path, start);
}

function readTensors(file: OpenFile): PytorchHeader {
  const saved = readSaved(file);
  const picked = pickStateDict(saved.value);
  if ('none' in picked) throw fileError('not-a-checkpoint', file.path, picked.none);
  const places = new Map<string, ReturnType<SavedObject['locate']>>();
  const tensors = [...picked.tensors].map(([name, tensor]) => {
    const place = places.get(tensor.storage.key) ?? saved.locate(tensor.storage);
    places.set(tensor.storage.key, place);
    return placeTensor(name, tensor, { file: file.path, ...place });
  });
  return { file: file.path, size: file.size, tensors, warnings: picked.warnings };
}

/**
 * Reads which tensors a file of torch.save (.bin, .pt, .pth) holds and where; nothing in it is executed and no weight is
 * read. Memory is bounded by the size of its pickle.
 * Fails with archive-damaged, pickle-damaged, pickle-refused, unsupported-format, not-a-checkpoint, tensor-out-of-bounds
 * or tensor-size-mismatch.
 */
export function readPytorchHeader(path: string): PytorchHeader {
  return withFile(path, (file) => {
    try {
      return readTensors(file);
    } catch (error) {
      if (!(error instanceof PickleFault)) throw error;
      throw fileError(error.kind === 'refused' ? 'pickle-refused' : 'pickle-damaged', path, error.message);
    }
  });
}
