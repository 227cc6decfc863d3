import type { GlobalRole } from './pickleValues.ts';
import { REBUILDERS } from './rebuildTensor.ts';
import { STORAGE_DTYPES, TORCH_DTYPES } from './torchDtypes.ts';

/** Dictionaries, with or without entries. */
const DICTS = ['collections.OrderedDict', 'collections.Counter', 'collections.defaultdict'];
/** Called with one sequence, which stands for the result. */
const SEQUENCES = ['torch.Size', 'builtins.set', 'builtins.frozenset', 'builtins.list', 'builtins.tuple'];
/** Metadata of trainers: passed over, whatever they are called with. */
const INERT = [
  'torch.device',
  'torch.serialization._get_layout',
  '_codecs.encode',
  'builtins.bytearray',
  'builtins.complex',
  'argparse.Namespace',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
];
/** Numbers in a form of their own: harmless beside weights, refused in place of one. */
const ARRAYS = [
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy.core.numeric._frombuffer',
  'numpy._core.numeric._frombuffer',
  'torch._utils._rebuild_sparse_tensor',
  'torch._utils._rebuild_meta_tensor_no_storage',
];
/** Named in arguments, never called. */
const NAMES = [
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
  'torch.per_tensor_affine',
  'torch.per_tensor_symmetric',
  'torch.per_channel_affine',
  'torch.per_channel_symmetric',
  'torch.per_channel_affine_float_qparams',
  'numpy.ndarray',
  'builtins.int',
  'builtins.float',
  'builtins.str',
  'builtins.dict',
];

function makeRoles(): ReadonlyMap<string, GlobalRole> {
  const roles = new Map<string, GlobalRole>();
  const addAll = (names: readonly string[], kind: 'dict' | 'sequence' | 'inert' | 'array' | 'name'): void => {
    for (const name of names) roles.set(name, { kind });
  };
  addAll(DICTS, 'dict');
  addAll(SEQUENCES, 'sequence');
  addAll(INERT, 'inert');
  addAll(ARRAYS, 'array');
  addAll(NAMES, 'name');
  for (const name of REBUILDERS.keys()) roles.set(name, { kind: 'rebuild' });
  for (const [name, dtype] of Object.entries(TORCH_DTYPES))
    roles.set(`torch.${name}`, { kind: 'dtype', dtype });
  for (const [name, dtype] of Object.entries(STORAGE_DTYPES)) {
    for (const module of ['torch', 'torch.cuda', 'torch.storage'])
      roles.set(`${module}.${name}`, { kind: 'storage', dtype });
  }
  const untyped = roles.get('torch.UntypedStorage');
  // Its name in PyTorch 1.11 to 1.13.
  if (untyped) roles.set('torch.storage._UntypedStorage', untyped);
  return roles;
}

const ROLES = makeRoles();

/** What a class or function in a pickle stands for; null for everything that is not on the list. */
export function globalRole(name: string): GlobalRole | null {
  return ROLES.get(name) ?? null;
}
