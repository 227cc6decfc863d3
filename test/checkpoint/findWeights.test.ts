import { describe, expect, it } from 'vitest';
import { findFolderWeights } from '../../src-main/checkpoint/findWeights.ts';

const ADAPTER = ['adapter_config.json', 'adapter_model.safetensors'];
const TORCH_SHARDS = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];
const TORCH_INDEX = 'pytorch_model.bin.index.json';

const found = (...names: string[]): unknown => {
  const weights = findFolderWeights('/m', names);
  return weights && [weights.format, ...weights.files, ...(weights.index === null ? [] : [weights.index])];
};

describe('of several formats in one folder', () => {
  it.each([
    ['safetensors before everything', ['model.safetensors', 'pytorch_model.bin', 'm.gguf', ...ADAPTER]],
    ['a file of another name, too', ['weights.safetensors', 'pytorch_model.bin', 'm.gguf', ...ADAPTER]],
  ])('%s', (_, names) => {
    expect(found(...names)).toEqual(['safetensors', `/m/${String(names[0])}`]);
    expect(found(...names.toReversed())).toEqual(found(...names));
  });

  it('a PyTorch model before an adapter, also in shards', () => {
    expect(found('pytorch_model.bin', 'm.gguf', ...ADAPTER)).toEqual(['pytorch', '/m/pytorch_model.bin']);
    expect(found(TORCH_INDEX, ...TORCH_SHARDS, ...ADAPTER)).toEqual(['pytorch-sharded', `/m/${TORCH_INDEX}`]);
    expect(found(TORCH_INDEX, ...TORCH_SHARDS, 'm.gguf')).toEqual(['pytorch-sharded', `/m/${TORCH_INDEX}`]);
  });

  it('an adapter before GGUF and before PyTorch files of other names', () => {
    const adapter = ['adapter', '/m/adapter_model.safetensors'];
    expect(found('m.gguf', ...ADAPTER)).toEqual(adapter);
    expect(found('training.pt', ...ADAPTER)).toEqual(adapter);
    expect(found('adapter_model.bin', ...ADAPTER)).toEqual(adapter);
    expect(found('adapter_model.bin', 'adapter_config.json')).toEqual(['adapter', '/m/adapter_model.bin']);
  });

  it('PyTorch before GGUF', () => {
    expect(found('m.gguf', 'consolidated.00.pth')).toEqual(['pytorch', '/m/consolidated.00.pth']);
    expect(found('m.gguf')).toEqual(['gguf', '/m/m.gguf']);
  });

  it('PyTorch shards without an index by their names', () => {
    expect(found(...TORCH_SHARDS)).toEqual(['pytorch-sharded', ...TORCH_SHARDS.map((name) => `/m/${name}`)]);
  });
});
