import { storedTensors, type Checkpoint } from '../contract/checkpoint.ts';
import { fileIdentityIfThere, type FileIdentity } from '../tensors/fileIdentity.ts';
import { originOf, type TensorPlan } from './TensorPlan.ts';

function withInputs(plans: readonly TensorPlan[], found: Map<string, FileIdentity | null>): void {
  for (const { files, before } of plans) {
    for (const [path, state] of files) found.set(path, state);
    withInputs(before, found);
  }
}

/**
 * Every file that a checkpoint is read from, with its state: of those that go into computed tensors of a recipe the one in which their
 * headers were read, of the others the present one; null for one that is not there.
 */
export function sourceFiles({ tensors }: Pick<Checkpoint, 'tensors'>): Map<string, FileIdentity | null> {
  const found = new Map<string, FileIdentity | null>();
  const origin = originOf(tensors);
  withInputs([...(origin?.plans ?? []), ...(origin?.before ?? [])], found);
  for (const file of new Set(tensors.flatMap(storedTensors).map((tensor) => tensor.file))) {
    if (!found.has(file)) found.set(file, fileIdentityIfThere(file));
  }
  return found;
}
