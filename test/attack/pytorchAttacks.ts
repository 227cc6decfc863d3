import type { ErrorCode } from '../../src-main/contract/errors.ts';
import { count } from '../fixtures/pytorchFiles.ts';
import { PICKLE_CALL_ATTACKS } from './pickleCallAttacks.ts';
import { PICKLE_STREAM_ATTACKS } from './pickleStreamAttacks.ts';
import { LEGACY_ATTACKS, TENSOR_ATTACKS } from './torchTensorAttacks.ts';
import { ZIP_ATTACKS } from './zipAttacks.ts';

/** A file that must be refused, the code of the error, and what its message says. */
export interface PytorchAttack {
  readonly what: string;
  readonly file: () => Uint8Array;
  readonly code: ErrorCode;
  readonly says: string;
}

export type AttackRow = readonly [what: string, file: () => Uint8Array, code: ErrorCode, says: string];

const tarFile = (): Buffer => {
  const bytes = Buffer.alloc(1024);
  bytes.write('storages');
  bytes.write('ustar', 257);
  return bytes;
};

const OTHERS: readonly AttackRow[] = [
  ['an empty file', () => Buffer.alloc(0), 'archive-damaged', 'is empty'],
  [
    'a Git LFS pointer',
    () => Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
    'git-lfs-pointer',
    'was not downloaded',
  ],
  ['a web page', () => Buffer.from('\n<!DOCTYPE html><html></html>'), 'archive-damaged', 'is a web page'],
  [
    'an answer in JSON',
    () => Buffer.from('{"error":"Repository not found"}'),
    'archive-damaged',
    'is a JSON text',
  ],
  ['a file of zeros', () => Buffer.alloc(4096), 'archive-damaged', 'begins like no file of torch.save'],
  ['the tar format of 2016', tarFile, 'unsupported-format', 'tar archive'],
  [
    'a safetensors file',
    () => Buffer.concat([count(2), Buffer.from('{}')]),
    'unsupported-format',
    'rename it to .safetensors',
  ],
  [
    'a GGUF file',
    () => Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(20)]),
    'unsupported-format',
    'rename it to .gguf',
  ],
  ['an HDF5 file', () => Buffer.from('894844460d0a1a0a00', 'hex'), 'unsupported-format', 'HDF5'],
  ['four bytes of a zip', () => Buffer.from('PK\x03\x04'), 'archive-damaged', 'incomplete download'],
];

const named = (rows: readonly AttackRow[]): PytorchAttack[] =>
  rows.map(([what, file, code, says]) => ({ what, file, code, says }));

/** Hostile and damaged files of torch.save, by what is wrong with them. */
export const PYTORCH_ATTACKS: readonly (readonly [kind: string, attacks: readonly PytorchAttack[]])[] = [
  ['calls', named(PICKLE_CALL_ATTACKS)],
  ['streams', named(PICKLE_STREAM_ATTACKS)],
  ['tensors', named(TENSOR_ATTACKS)],
  ['archives', named(ZIP_ATTACKS)],
  ['the format before 1.6', named(LEGACY_ATTACKS)],
  ['other files', named(OTHERS)],
];
