import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../src-renderer/api/ApiClient.ts';
import { ApiFailure } from '../../src-renderer/api/problem.ts';
import { StudyForm } from '../../src-renderer/state/StudyForm.svelte.ts';

const ORPHAN = new ApiFailure({
  code: 'adapter-base-missing',
  message: 'its base is not here',
  where: null,
  cause: 'c',
  remedy: 'r',
});

/** A client that finds a checkpoint everywhere but at "adapter", and keeps what it is asked to make. */
function client(made: unknown[]): ApiClient {
  const inspect = (path: string): Promise<unknown> =>
    path === 'adapter'
      ? Promise.reject(ORPHAN)
      : Promise.resolve({
          kind: 'checkpoint',
          checkpoint: { title: path, format: 'safetensors' },
          hints: null,
        });
  const create = (study: unknown): Promise<string> => {
    made.push(study);
    return Promise.resolve('id');
  };
  return { inspect, create } as unknown as ApiClient;
}

function form(base: string, variant: string, made: unknown[]): StudyForm {
  const study = new StudyForm(client(made));
  study.typedName = 'study';
  study.base.path = base;
  const [first, ...others] = study.variants;
  for (const other of others) study.remove(other);
  if (first) {
    first.field.path = variant;
    first.typedLabel = 'sft';
  }
  return study;
}

describe('the form of a study', () => {
  it('takes an adapter whose base is not here as a variant: there is something to lay it on', async () => {
    const made: unknown[] = [];
    const study = form('base', 'adapter', made);
    expect(await study.submit()).toBe('id');
    expect(made).toMatchObject([{ variants: [{ label: 'sft', path: 'adapter' }] }]);
  });

  it('does not take it as the base', async () => {
    const made: unknown[] = [];
    expect(await form('adapter', 'sft', made).submit()).toBeNull();
    expect(made).toEqual([]);
  });

  it('keeps a role that was chosen, and guesses the others', async () => {
    const made: unknown[] = [];
    const study = form('base', 'grpo-run', made);
    study.add();
    const [first, second] = study.variants;
    first!.role = 'other';
    second!.field.path = 'ppo-run';
    expect(await study.submit()).toBe('id');
    expect(made).toMatchObject([{ variants: [{ role: 'other' }, { label: 'ppo-run', role: 'rl' }] }]);
  });

  it('takes checkpoints as what they seem to be, and swaps the base when it is told so', async () => {
    const study = new StudyForm(client([]));
    const plain = (path: string) => ({ path, title: path, hints: null });
    await study.take([plain('/m/sft'), plain('/m/plain')]);
    expect([study.base.path, study.name]).toEqual(['/m/plain', 'plain']);
    expect(study.variants.map(({ label, role }) => [label, role])).toEqual([['sft', 'sft']]);
    await study.makeBase(study.variants[0]!);
    expect([study.base.path, study.variants.map(({ field }) => field.path)]).toEqual([
      '/m/sft',
      ['/m/plain'],
    ]);
    study.drop('/m/plain');
    expect(study.variants.map(({ isEmpty }) => isEmpty)).toEqual([true]);
  });
});
