import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventStream, type ProgressSource } from '../../src-main/api/eventStream.ts';
import { StudyId } from '../../src-main/contract/routes.ts';
import type { Progress } from '../../src-main/contract/study.ts';
import { IDLE } from '../../src-main/study/ProgressMeter.ts';
import { serverSentEvents } from '../../src-renderer/api/serverSentEvents.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { newStudy, workbench } from './workbench.ts';

const home = tempFolder();

/** Reads progress until one satisfies the end. */
async function follow(reply: Response, isEnd: (progress: Progress) => boolean): Promise<Progress[]> {
  const seen: Progress[] = [];
  for await (const { event, data } of serverSentEvents(reply.body!)) {
    expect(event).toBe('progress');
    seen.push(JSON.parse(data) as Progress);
    if (isEnd(seen.at(-1)!)) return seen;
  }
  return seen;
}

const isOver = ({ state }: Progress): boolean => ['done', 'cancelled', 'failed'].includes(state);

describe('the event stream of a run', () => {
  it('starts with where things stand and ends with the last state; two watchers see the same end', async () => {
    const bench = workbench(join(home, 'run'));
    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    const streams = await Promise.all([1, 2].map(() => bench.call('GET', `/api/studies/${id}/events`)));
    const watched = streams.map((stream) => follow(stream, isOver));
    await bench.post(`/api/studies/${id}/run`);
    const [first, second] = await Promise.all(watched);
    expect(first![0]).toMatchObject({ state: 'idle', done: 0 });
    expect(first!.at(-1)).toMatchObject({ state: 'done', done: 3 });
    expect(second!.at(-1)).toEqual(first!.at(-1));
  });

  it('cancels, says so, keeps what was finished, and resumes to the end', async () => {
    const bench = workbench(join(home, 'cancel'), { side: 512 });
    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    const stream = await bench.call('GET', `/api/studies/${id}/events`);
    const watched = follow(stream, isOver);
    await bench.post(`/api/studies/${id}/run`);
    const again = (await bench.post(`/api/studies/${id}/run`)) as Progress;
    expect(['planning', 'running']).toContain(again.state);
    expect(await bench.post(`/api/studies/${id}/cancel`)).toMatchObject({ state: 'cancelling' });
    expect((await watched).at(-1)).toMatchObject({ state: 'cancelled', tensor: null, error: null });

    const resumed = follow(
      await bench.call('GET', `/api/studies/${id}/events`),
      ({ state }) => state === 'done',
    );
    await bench.post(`/api/studies/${id}/run`);
    expect((await resumed).at(-1)).toMatchObject({ state: 'done', done: 3 });
  });

  it('a run that fails says what, where, why and what helps', async () => {
    const bench = workbench(join(home, 'fail'));
    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    writeFileSync(join(bench.rl, 'model.safetensors'), 'shorter');
    const watched = follow(await bench.call('GET', `/api/studies/${id}/events`), isOver);
    await bench.post(`/api/studies/${id}/run`);
    const last = (await watched).at(-1)!;
    expect(last.state).toBe('failed');
    expect(last.error).toMatchObject({
      code: 'file-too-short',
      where: 'model.layers.0.self_attn.q_proj.weight',
    });
    expect(last.error!.remedy).not.toBe('');
  });

  it('ends when the hub closes', async () => {
    const bench = workbench(join(home, 'close'));
    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    const watched = follow(await bench.call('GET', `/api/studies/${id}/events`), () => false);
    await bench.hub.close();
    expect(await watched).toHaveLength(1);
  });
});

describe('eventStream', () => {
  /** A source whose events the test sends. */
  function source(): ProgressSource & { send: (progress: Progress) => void; listeners: number } {
    let listener: ((progress: Progress) => void) | null = null;
    return {
      latest: () => IDLE,
      listeners: 0,
      subscribe(onProgress) {
        this.listeners++;
        listener = onProgress;
        return () => {
          this.listeners--;
        };
      },
      send: (progress) => listener?.(progress),
    };
  }

  it('gives a slow reader the newest event instead of a growing queue', async () => {
    const from = source();
    const stream = eventStream(from).body!;
    for (let done = 1; done <= 1000; done++) from.send({ ...IDLE, done });
    const seen: number[] = [];
    for await (const { data } of serverSentEvents(stream)) {
      seen.push((JSON.parse(data) as Progress).done);
      if (seen.at(-1) === 1000) break;
    }
    expect(seen.length).toBeLessThan(20);
  });

  it('unsubscribes when the reader goes away', async () => {
    const from = source();
    const stream = eventStream(from).body!;
    expect(from.listeners).toBe(1);
    await stream.cancel();
    expect(from.listeners).toBe(0);
  });

  it('keeps a quiet stream alive with comments, which are no events', async () => {
    const reader = eventStream(source(), 5).body!.getReader();
    const decoder = new TextDecoder();
    let text = '';
    while (!text.includes('still here')) {
      const { value } = (await reader.read()) as { value: Uint8Array | undefined };
      text += decoder.decode(value);
    }
    await reader.cancel();
    expect(text.split('\n\n')[1]).toBe(': still here');
  });
});
