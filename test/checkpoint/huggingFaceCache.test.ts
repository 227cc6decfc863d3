import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { huggingFaceCache } from '../../src-main/checkpoint/huggingFaceCache.ts';

describe('huggingFaceCache', () => {
  const all = {
    HF_HUB_CACHE: '/1',
    HUGGINGFACE_HUB_CACHE: '/2',
    HF_HOME: '/3',
    XDG_CACHE_HOME: '/4',
  };

  it('takes the first variable that is set', () => {
    const environment: Record<string, string> = { ...all };
    const found = Object.keys(all).map((name) => {
      const root = huggingFaceCache(environment, '/home/me');
      environment[name] = '';
      return root;
    });
    expect(found).toEqual(['/1', '/2', join('/3', 'hub'), join('/4', 'huggingface', 'hub')]);
    expect(huggingFaceCache(environment, '/home/me')).toBe(join('/home/me', '.cache', 'huggingface', 'hub'));
  });

  it('expands the home folder', () => {
    expect(huggingFaceCache({ HF_HUB_CACHE: '~/hub' }, '/home/me')).toBe('/home/me/hub');
    expect(huggingFaceCache({ HF_HUB_CACHE: '/a/~b' }, '/home/me')).toBe('/a/~b');
  });
});
