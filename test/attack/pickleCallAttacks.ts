import {
  archive,
  call,
  dict,
  global,
  int,
  legacyFile,
  ops,
  pickle,
  tensor,
  text,
  tuple,
} from '../fixtures/pytorchFiles.ts';
import type { AttackRow } from './pytorchAttacks.ts';

/** An archive whose pickle holds a weight and, beside it, the opcodes of a value. */
const beside = (value: Uint8Array) => (): Uint8Array => archive(pickle(dict({ w: tensor(), x: value })));
/** An archive whose pickle is these opcodes. */
const raw =
  (...opcodes: readonly (Uint8Array | string | number)[]) =>
  () =>
    archive(ops(...opcodes));
const rm = text('rm -rf ~');

/** Pickles that would call or build something. */
export const PICKLE_CALL_ATTACKS: readonly AttackRow[] = [
  [
    'os.system by GLOBAL',
    beside(call('os', 'system', rm)),
    'pickle-refused',
    'would use os.system (GLOBAL at byte',
  ],
  ['posix.system by GLOBAL', beside(call('posix', 'system', rm)), 'pickle-refused', 'posix.system'],
  [
    'os.system by STACK_GLOBAL',
    beside(ops(text('os'), text('system'), 0x93, tuple(rm), 'R')),
    'pickle-refused',
    'would use os.system (STACK_GLOBAL at byte',
  ],
  [
    'os.system by INST',
    beside(ops('(', rm, 'ios\nsystem\n')),
    'pickle-refused',
    'would build os.system (INST at byte',
  ],
  [
    'os.system by OBJ',
    beside(ops('(', global('os', 'system'), rm, 'o')),
    'pickle-refused',
    'would use os.system',
  ],
  [
    'OBJ of a harmless class',
    beside(ops('(', global('torch', 'Size'), 'o')),
    'pickle-refused',
    'OBJ at byte',
  ],
  [
    'NEWOBJ of a foreign class',
    beside(ops(global('subprocess', 'Popen'), ')', 0x81)),
    'pickle-refused',
    'subprocess.Popen',
  ],
  [
    'NEWOBJ of a tensor',
    beside(ops(global('torch', 'Tensor'), ')', 0x81)),
    'pickle-refused',
    'would build torch.Tensor',
  ],
  ['NEWOBJ_EX', beside(ops(global('torch', 'Size'), ')}', 0x92)), 'pickle-refused', 'NEWOBJ_EX at byte'],
  ['BUILD of a tensor', beside(ops(tensor(), '}b')), 'pickle-refused', 'would set the state'],
  ['BUILD of a text', beside(ops(text('x'), '}b')), 'pickle-refused', 'would set the state'],
  ['EXT1', beside(Buffer.of(0x82, 1)), 'pickle-refused', 'EXT1 at byte'],
  ['EXT2', beside(Buffer.of(0x83, 1, 0)), 'pickle-refused', 'EXT2 at byte'],
  ['EXT4', beside(Buffer.of(0x84, 1, 0, 0, 0)), 'pickle-refused', 'EXT4 at byte'],
  ['builtins.eval', beside(call('builtins', 'eval', text('1'))), 'pickle-refused', 'would use builtins.eval'],
  [
    '__builtin__.exec of Python 2',
    beside(call('__builtin__', 'exec', text(''))),
    'pickle-refused',
    'builtins.exec',
  ],
  [
    'getattr',
    beside(call('builtins', 'getattr', text('a'), text('b'))),
    'pickle-refused',
    'builtins.getattr',
  ],
  [
    'torch.load in torch.load',
    beside(call('torch', 'load', text('/etc/passwd'))),
    'pickle-refused',
    'torch.load',
  ],
  [
    'a dotted name',
    beside(call('torch', 'serialization.os.system', rm)),
    'pickle-refused',
    'torch.serialization.os.system',
  ],
  [
    'a name with an escape sequence',
    beside(global('os', '\u001b[2Jsystem')),
    'pickle-refused',
    '\\u{1b}[2Jsystem',
  ],
  [
    '__proto__ as a class',
    beside(global('__proto__', 'constructor')),
    'pickle-refused',
    '__proto__.constructor',
  ],
  [
    'a call of an element type',
    beside(call('torch', 'float32')),
    'pickle-refused',
    'would call torch.float32',
  ],
  [
    'a call of a storage class',
    beside(call('torch', 'FloatStorage', int(4))),
    'pickle-refused',
    'would call torch.FloatStorage',
  ],
  [
    'a call of a text',
    beside(ops(text('os.system'), ')R')),
    'pickle-refused',
    'would call a value that is no class',
  ],
  [
    'a call of the result of a call',
    beside(ops(call('_codecs', 'encode', text('x')), ')R')),
    'pickle-refused',
    'would call the result of _codecs.encode',
  ],
  [
    'a foreign function behind a tensor with attributes',
    beside(
      call(
        'torch._tensor',
        '_rebuild_from_type_v2',
        global('torch', 'Size'),
        global('torch', 'Tensor'),
        ops(')'),
        ops('}'),
      ),
    ),
    'pickle-refused',
    'would call torch.Size for a tensor with attributes',
  ],
  [
    'a wrapper inside a wrapper',
    beside(
      call(
        'torch._tensor',
        '_rebuild_from_type_v2',
        global('torch._tensor', '_rebuild_from_type_v2'),
        global('torch', 'Tensor'),
        ops(')'),
        ops('}'),
      ),
    ),
    'pickle-refused',
    'would call torch._tensor._rebuild_from_type_v2',
  ],
  [
    'a module with its source',
    beside(ops(tuple(text('module'), text('x')), 'Q')),
    'pickle-refused',
    'with its source code',
  ],
  ['an out-of-band buffer', beside(Buffer.of(0x97)), 'pickle-refused', 'NEXT_BUFFER'],
  [
    'an array as a weight',
    beside(call('numpy.core.multiarray', '_reconstruct')),
    'pickle-refused',
    'for the weight "x"',
  ],
  ['a persistent id as text', beside(ops('Pstorage\n')), 'pickle-refused', 'PERSID'],
  ['protocol 0', raw("(dp0\nS'a'\n", 'p1\n.'), 'pickle-refused', 'no pickle of protocol 2'],
  ['protocol 6', raw(0x80, 6, 'N.'), 'pickle-refused', 'protocol 6'],
  [
    'an instance in legacy form',
    () => legacyFile(call('os', 'system', rm)),
    'pickle-refused',
    'would use os.system',
  ],
  [
    'a call in place of the magic number',
    () => legacyFile(tensor(), { magic: pickle(call('os', 'system', rm)) }),
    'pickle-refused',
    'would use os.system',
  ],
  [
    'a call among the keys of the storages',
    () => legacyFile(dict({ w: tensor() }), { keys: pickle(call('os', 'system', rm)) }),
    'pickle-refused',
    'would use os.system',
  ],
];
