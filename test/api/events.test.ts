import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventStream, type StudyListener, type StudySource } from '../../src-main/api/eventStream.ts';
import { LogEvent, StudyId, StudyRevision, StudyView } from '../../src-main/contract/routes.ts';
import { LOG_LINES, type LogLine } from '../../src-main/contract/runLog.ts';
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
    if (event !== 'progress') continue;
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
      code: 'header-too-short',
      where: join(bench.rl, 'model.safetensors'),
    });
    expect(last.error!.remedy).not.toBe('');
  });

  it('tells two pages what was logged, and every page of a study that is not what it was', async () => {
    const bench = workbench(join(home, 'log'));
    const { id } = StudyId.parse(await bench.post('/api/studies', newStudy(bench)));
    const before = StudyView.parse(await bench.get(`/api/studies/${id}`)).revision;
    const revisions: number[] = [];
    const watched = (async () => {
      const lines: LogLine[] = [];
      const events = serverSentEvents((await bench.call('GET', `/api/studies/${id}/events`)).body!);
      for await (const { event, data } of events) {
        if (event === 'study') revisions.push(StudyRevision.parse(JSON.parse(data)).revision);
        if (event === 'log') lines.push(...LogEvent.parse(JSON.parse(data)).lines);
        if (lines.at(-1)?.event === 'done') break;
      }
      return lines;
    })();
    await bench.post(`/api/studies/${id}/run`);
    const lines = await watched;
    expect(lines.map(({ event }) => event)).toEqual(['started', 'tensor', 'tensor', 'tensor', 'done']);
    expect(lines[0]!.message).toBe('3 tensors, 0 stored before; 1.00 GiB of memory, 2 threads');
    expect(revisions.at(-1)).toBe(before + 1);
    bench.hub.get(id).changed();
    expect(bench.hub.get(id).latest()).toMatchObject({ revision: before + 2, log: lines });
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
  function source(): StudySource & { to: StudyListener | null; listeners: number } {
    return {
      latest: () => ({ progress: IDLE, revision: 7, log: [line(0)] }),
      follow: () => undefined,
      listeners: 0,
      to: null,
      subscribe(listener) {
        this.listeners++;
        this.to = listener;
        return () => {
          this.listeners--;
        };
      },
    };
  }

  const line = (millis: number): LogLine => ({
    ts: '2026-01-01T00:00:00.000Z',
    level: 'info',
    event: 'tensor',
    tensor: 'a',
    millis,
    message: 'computed',
  });

  it('begins with progress, revision and what was logged', async () => {
    const from = source();
    const seen: string[] = [];
    for await (const { event, data } of serverSentEvents(eventStream(from).body!)) {
      seen.push(event);
      if (event === 'study') expect(StudyRevision.parse(JSON.parse(data)).revision).toBe(7);
      if (event === 'log') {
        expect(LogEvent.parse(JSON.parse(data))).toEqual({ replay: true, lines: [line(0)] });
        break;
      }
    }
    expect(seen).toEqual(['progress', 'study', 'log']);
  });

  it('gives a slow reader the newest event and the newest lines instead of a growing queue', async () => {
    const from = source();
    const stream = eventStream(from).body!;
    for (let done = 1; done <= 50_000; done++) {
      from.to?.onProgress({ ...IDLE, done });
      from.to?.onLog(line(done));
    }
    from.to?.onEnd();
    const seen: number[] = [];
    const lines: number[] = [];
    for await (const { event, data } of serverSentEvents(stream)) {
      if (event === 'progress') seen.push((JSON.parse(data) as Progress).done);
      if (event === 'log') lines.push(...LogEvent.parse(JSON.parse(data)).lines.map(({ millis }) => millis!));
    }
    expect(seen.length).toBeLessThan(20);
    expect(seen.at(-1)).toBe(50_000);
    expect(lines.length).toBeGreaterThanOrEqual(LOG_LINES);
    expect(lines.length).toBeLessThanOrEqual(2 * LOG_LINES + 1);
    expect(lines.slice(1)).toEqual(lines.slice(1).map((_, i, all) => 50_000 - all.length + 1 + i));
  });

  it('sends each event once to a reader that is waiting for it', async () => {
    const from = source();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { event, data } of serverSentEvents(eventStream(from).body!)) {
        seen.push(event === 'log' ? `log ${String(LogEvent.parse(JSON.parse(data)).lines.length)}` : event);
      }
    })();
    await expect.poll(() => seen.length).toBe(3);
    from.to?.onProgress({ ...IDLE, done: 1 });
    await expect.poll(() => seen.length).toBeGreaterThan(3);
    from.to?.onLog(line(1));
    from.to?.onLog(line(2));
    await expect.poll(() => seen.at(-1)).toBe('log 2');
    from.to?.onEnd();
    await reading;
    expect(seen).toEqual(['progress', 'study', 'log 1', 'progress', 'log 2']);
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
    expect(text.split('\n\n')[3]).toBe(': still here');
  });
});
