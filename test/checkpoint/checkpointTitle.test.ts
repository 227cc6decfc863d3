import { describe, expect, it } from 'vitest';
import { checkpointStep, checkpointTitle } from '../../src-main/checkpoint/checkpointTitle.ts';

describe('checkpointTitle and checkpointStep', () => {
  it.each([
    ['/models/qwen', 'qwen', null],
    ['/models/qwen/model.safetensors', 'qwen', null],
    ['/models/qwen/model-00001-of-00004.safetensors', 'qwen', null],
    ['/models/qwen/model.safetensors.index.json', 'qwen', null],
    ['/models/merged.safetensors', 'merged.safetensors', null],
    ['/runs/sft/checkpoint-240', 'sft/checkpoint-240', 240],
    ['/runs/sft/checkpoint-240/model.safetensors', 'sft/checkpoint-240', 240],
    ['/runs/rl/global_step_15', 'rl/global_step_15', 15],
    ['/runs/rl/global_step_15/actor/huggingface', 'rl/global_step_15/actor/huggingface', 15],
    ['/runs/checkpoint-5/other', 'other', null],
    ['/runs/checkpoint-last', 'checkpoint-last', null],
    ['/checkpoint-7', 'checkpoint-7', 7],
    ['/c/hub/models--Qwen--Qwen3-8B/snapshots/0123456789abcdef', 'Qwen/Qwen3-8B@0123456', null],
    ['/c/hub/models--gpt2/snapshots/0123456789abcdef', 'gpt2@0123456', null],
    ['/c/models--a--b/snapshots/0123456789/checkpoint-3', 'a/b@0123456/checkpoint-3', 3],
    ['/c/models--a--b/snapshots/0123456789/model.safetensors', 'a/b@0123456', null],
    ['/runs/sft/epoch_3', 'sft/epoch_3', 3],
    ['/runs/sft/iter_0000100', 'sft/iter_0000100', 100],
    ['/runs/sft/global_step200', 'sft/global_step200', 200],
    ['/runs/sft/step-12/pytorch_model.bin', 'sft/step-12', 12],
    ['/runs/sft/checkpoint-9/adapter_model.safetensors', 'sft/checkpoint-9', 9],
    ['/runs/stepping-stones', 'stepping-stones', null],
    ['/h/.lmstudio/models/pub/name', 'pub/name', null],
    ['/h/.cache/lm-studio/models/pub/name/name-Q8_0.gguf', 'pub/name/name-Q8_0.gguf', null],
    ['/h/.lmstudio/models/pub', 'pub', null],
    ['/photos/snapshots/summer', 'summer', null],
    ['/', '/', null],
  ])('of %s is %s', (path, title, step) => {
    expect(checkpointTitle(path)).toBe(title);
    expect(checkpointStep(path)).toBe(step);
  });
});
