import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src-main/contract/study.ts';
import { IDLE } from '../../src-main/study/ProgressMeter.ts';
import { ApiFailure, type Problem, UNREACHABLE } from '../../src-renderer/api/problem.ts';
import { serverSentEvents } from '../../src-renderer/api/serverSentEvents.ts';
import { watchProgress } from '../../src-renderer/api/watchProgress.ts';

function stream(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

const event = (progress: Progress): string => `event: progress\ndata: ${JSON.stringify(progress)}\n\n`;

describe('serverSentEvents', () => {
  it('reads events however they are cut, and skips comments', async () => {
    const text = 'event: progress\r\ndata: {"a":"ä: b"}\r\n\r\n: still here\n\ndata: one\ndata: two\n\n';
    for (const size of [1, 2, 7, 1000]) {
      const bytes = new TextEncoder().encode(text);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const events = [];
      for await (const each of serverSentEvents(body)) events.push(each);
      expect(events).toEqual([
        { event: 'progress', data: '{"a":"ä: b"}' },
        { event: 'message', data: 'one\ntwo' },
      ]);
    }
  });
});

describe('watchProgress', () => {
  async function watch(
    replies: (() => ReadableStream<Uint8Array>)[],
    until: number,
  ): Promise<{ done: number[]; connection: (string | null)[] }> {
    const done: number[] = [];
    const connection: (string | null)[] = [];
    const leaving = new AbortController();
    await watchProgress(
      { events: async () => Promise.resolve((replies.shift() ?? (() => stream()))()) },
      'id',
      {
        onProgress: (progress) => {
          done.push(progress.done);
          if (done.length === until) leaving.abort();
        },
        onConnection: (problem: Problem | null) => connection.push(problem?.code ?? null),
      },
      leaving.signal,
    );
    return { done, connection };
  }

  const refuse = (problem: Problem) => (): ReadableStream<Uint8Array> => {
    throw new ApiFailure(problem);
  };

  it('comes back after the stream ends and after the engine was away', async () => {
    const { done, connection } = await watch(
      [
        () => stream(event({ ...IDLE, done: 1 })),
        refuse(UNREACHABLE),
        () => stream(event({ ...IDLE, done: 2 })),
      ],
      2,
    );
    expect(done).toEqual([1, 2]);
    expect(connection).toEqual([null, 'unreachable', 'unreachable', null]);
  });

  it('gives up where trying again cannot help', async () => {
    const refused = { ...UNREACHABLE, code: 'not-authorised' };
    expect(await watch([refuse(refused), () => stream(event(IDLE))], 1)).toEqual({
      done: [],
      connection: ['not-authorised'],
    });
  });
});
