import { damaged, refused } from './PickleFault.ts';
import type { PickleValue } from './pickleValues.ts';
import { PickleDict, PickleGlobal, PickleInert, PickleList, StorageRef, TensorRef } from './pickleValues.ts';
import type { TorchDtype } from './torchDtypes.ts';

type Arguments = readonly PickleValue[];

const MOST_DIMENSIONS = 64;

function integer(value: PickleValue | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw damaged(`${what} of a tensor is not an integer`);
}

function integers(value: PickleValue | undefined, what: string): number[] {
  if (!(value instanceof PickleList)) throw damaged(`the ${what} of a tensor is not a tuple`);
  if (value.items.length > MOST_DIMENSIONS)
    throw damaged(`a tensor has ${String(value.items.length)} dimensions, at most 64 are read`);
  return value.items.map((item) => integer(item, `the ${what}`));
}

function makeTensor(args: Arguments, rest: { dtype?: TorchDtype; opaque?: string | undefined }): TensorRef {
  const [storage, start, size, stride] = args;
  if (!(storage instanceof StorageRef)) throw damaged('a tensor has no storage');
  const shape = integers(size, 'shape');
  const strides = integers(stride, 'stride');
  if (shape.some((length) => length < 0))
    throw damaged(`a tensor has the shape [${shape.join(', ')}], a size is negative`);
  if (shape.length !== strides.length)
    throw damaged(`a tensor of ${String(shape.length)} dimensions has ${String(strides.length)} strides`);
  const dtype = rest.dtype ?? storage.dtype;
  const opaque = dtype.name === 'F4_X2' ? 'two numbers of four bits in each byte' : rest.opaque;
  return new TensorRef({ storage, dtype, start: integer(start, 'the offset'), shape, strides, opaque });
}

/** Flags that change what the stored numbers mean. */
function flagged(metadata: PickleValue | undefined): string | undefined {
  if (!(metadata instanceof PickleDict)) return undefined;
  if (metadata.entries.get('conj') === true) return 'stored as the complex conjugate of its bytes';
  return metadata.entries.get('neg') === true ? 'stored as the negative of its bytes' : undefined;
}

function rebuildTyped(args: Arguments): TensorRef {
  const type = args[6];
  if (!(type instanceof PickleGlobal) || type.role.kind !== 'dtype')
    throw damaged('a tensor has no element type');
  return makeTensor(args, { dtype: type.role.dtype, opaque: flagged(args[7]) });
}

/** A parameter is its tensor, and so is a tensor in a wrapper; null stands for one that is passed over. */
function inner(args: Arguments): PickleValue {
  const [tensor] = args;
  if (tensor instanceof TensorRef || (tensor instanceof PickleInert && tensor.isArray)) return tensor;
  throw damaged('a parameter holds no tensor');
}

const WRAPPERS = ['torch.Tensor', 'torch.nn.parameter.Parameter', 'torch.nn.parameter.Buffer'];

/** Tensors with attributes: (function, class, its arguments, attributes). The attributes are passed over. */
function rebuildFromType(args: Arguments): PickleValue {
  const [make, type, own] = args;
  if (!(make instanceof PickleGlobal) || !(type instanceof PickleGlobal) || !(own instanceof PickleList))
    throw damaged('a tensor with attributes is incomplete');
  if (!WRAPPERS.includes(type.name)) throw refused(`would build a ${type.name}`);
  const rebuild = PLAIN.get(make.name);
  if (!rebuild) throw refused(`would call ${make.name} for a tensor with attributes`);
  return rebuild(own.items);
}

const QUANTISED = 'quantised by PyTorch: scale and zero point lie outside its bytes';

const PLAIN: ReadonlyMap<string, (args: Arguments) => PickleValue> = new Map([
  ['torch._utils._rebuild_tensor', (args: Arguments) => makeTensor(args, {})],
  ['torch._utils._rebuild_tensor_v2', (args: Arguments) => makeTensor(args, { opaque: flagged(args[6]) })],
  ['torch._utils._rebuild_tensor_v3', rebuildTyped],
  ['torch._utils._rebuild_qtensor', (args: Arguments) => makeTensor(args, { opaque: QUANTISED })],
  ['torch._utils._rebuild_parameter', inner],
  ['torch._utils._rebuild_parameter_with_state', inner],
]);

/**
 * The functions that make tensors, by name: arguments to a description of the tensor.
 * Arguments are those of PyTorch's own functions of these names: (storage, offset, size, stride, ...).
 */
export const REBUILDERS: ReadonlyMap<string, (args: Arguments) => PickleValue> = new Map([
  ...PLAIN,
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
]);
