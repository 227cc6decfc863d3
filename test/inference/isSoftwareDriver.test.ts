import { expect, it } from 'vitest';
import { isSoftwareDriver } from '../../src-main/inference/embedded/isSoftwareDriver.ts';

it.each([
  ['llvmpipe (LLVM 15.0.6, 256 bits)', true],
  ['SwiftShader Device (Subzero)', true],
  ['Microsoft Basic Render Driver', true],
  ['NVIDIA H200', false],
  ['AMD Radeon RX 7900 XTX (RADV NAVI31)', false],
  ['Intel(R) UHD Graphics 770 (ADL-S GT1)', false],
  ['Apple M3 Max', false],
])('%s: in software %s', (name, expected) => expect(isSoftwareDriver(name)).toBe(expected));
