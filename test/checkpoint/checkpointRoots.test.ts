import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkpointRoots } from '../../src-main/checkpoint/checkpointRoots.ts';

it('checkpointRoots are the Hugging Face cache and the folders of LM Studio', () => {
  expect(checkpointRoots({ HF_HUB_CACHE: '/hub' }, '/home/me')).toEqual([
    '/hub',
    join('/home/me', '.lmstudio', 'models'),
    join('/home/me', '.cache', 'lm-studio', 'models'),
  ]);
});
