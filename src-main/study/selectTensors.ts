import { ALIGNMENT_REASONS, type AlignedTensor, type Alignment } from '../contract/alignment.ts';
import type { TensorRole } from '../contract/checkpoint.ts';
import type { StudyOptions } from '../contract/study.ts';

/** The name of a module in rows and maps: biases and other parameters are apart from the weight. */
export function moduleName({ module, parameter }: TensorRole): string {
  return parameter === 'weight' ? module : `${module}.${parameter}`;
}

function isSelected(role: TensorRole, { layers, modules }: StudyOptions): boolean {
  const inLayers =
    layers.length === 0 ||
    layers.some(([from, to]) => role.layer !== null && role.layer >= from && role.layer <= to);
  const inModules =
    modules.length === 0 || modules.includes(role.module) || modules.includes(moduleName(role));
  return inLayers && inModules;
}

function leaveOut(tensor: AlignedTensor): AlignedTensor {
  return {
    ...tensor,
    status: 'not-compared',
    reason: 'not-selected',
    detail: ALIGNMENT_REASONS['not-selected'],
  };
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether only a part of a tensor is common to both sides and compared. */
export const isPartial = ({ status, reference, elements }: AlignedTensor): boolean =>
  status === 'compared' && elementCount(reference?.shape ?? []) < elements;

/** The alignment with the tensors outside the options' layers and modules left out, each with its reason. */
export function selectTensors(alignment: Alignment, options: StudyOptions): Alignment {
  const tensors = alignment.tensors.map((tensor) =>
    tensor.status === 'compared' && !isSelected(tensor.role, options) ? leaveOut(tensor) : tensor,
  );
  const compared = tensors.filter(({ status }) => status === 'compared');
  return {
    ...alignment,
    tensors,
    compared: compared.length,
    notCompared: tensors.length - compared.length,
    partial: compared.filter(isPartial).length,
    parametersCompared: compared.reduce(
      (sum, { reference }) => sum + elementCount(reference?.shape ?? []),
      0,
    ),
  };
}
