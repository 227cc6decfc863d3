import { describe, expect, it } from 'vitest';
import { EngineSupervisor } from '../../src-main/shell/EngineSupervisor.ts';
import type { EngineProcess } from '../../src-main/shell/EngineSupervisor.ts';
import type { EngineAddress } from '../../src-main/shell/forwardRequest.ts';

class FakeEngine implements EngineProcess {
  readonly #listening = Promise.withResolvers<EngineAddress>();
  readonly #ended = Promise.withResolvers<void>();
  stops = 0;

  get listening(): Promise<EngineAddress> {
    return this.#listening.promise;
  }
  get ended(): Promise<void> {
    return this.#ended.promise;
  }
  readonly stop = (): void => {
    this.stops += 1;
  };
  listen(socketPath: string): void {
    this.#listening.resolve({ socketPath, token: 't' });
  }
  end(): void {
    this.#listening.reject(new Error('ended'));
    this.#ended.resolve();
  }
}

/** A supervisor over fake processes and a clock that the test moves; waiting takes no time. */
function supervised() {
  const engines: FakeEngine[] = [];
  const pauses: number[] = [];
  const clock = { now: 0 };
  const supervisor = new EngineSupervisor({
    start: () => {
      const engine = new FakeEngine();
      engines.push(engine);
      return engine;
    },
    now: () => clock.now,
    wait: (millis) => {
      pauses.push(millis);
      clock.now += millis;
      return Promise.resolve();
    },
    log: () => undefined,
  });
  return { supervisor, engines, pauses, clock };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function endLast(engines: FakeEngine[]): Promise<void> {
  engines.at(-1)!.end();
  await settle();
}

describe('EngineSupervisor', () => {
  it('makes requests wait until the engine listens', async () => {
    const { supervisor, engines } = supervised();
    const address = supervisor.address();
    engines[0]!.listen('/first');
    expect(await address).toEqual({ socketPath: '/first', token: 't' });
  });

  it('starts an engine again that ended, and hands out the new address only', async () => {
    const { supervisor, engines } = supervised();
    engines[0]!.listen('/first');
    await supervisor.address();
    await endLast(engines);
    const second = supervisor.address();
    expect(engines).toHaveLength(2);
    engines[1]!.listen('/second');
    expect((await second).socketPath).toBe('/second');
  });

  it('keeps a request waiting over a start that failed', async () => {
    const { supervisor, engines } = supervised();
    const address = supervisor.address();
    await endLast(engines);
    engines[1]!.listen('/second');
    expect((await address).socketPath).toBe('/second');
  });

  it('gives up after five ends within a minute, pausing longer each time, and tries again when asked', async () => {
    const { supervisor, engines, pauses } = supervised();
    const waiting = supervisor.address();
    const verdict = expect(waiting).rejects.toMatchObject({ code: 'engine-stopped' });
    for (let end = 0; end < 5; end += 1) await endLast(engines);
    await verdict;
    expect(pauses).toEqual([200, 400, 800, 1600]);
    expect(engines).toHaveLength(5);
    await expect(supervisor.address()).rejects.toMatchObject({ code: 'engine-stopped' });

    supervisor.restart();
    expect(engines).toHaveLength(6);
    engines[5]!.listen('/sixth');
    expect((await supervisor.address()).socketPath).toBe('/sixth');
  });

  it('forgets ends that are more than a minute ago', async () => {
    const { engines, clock } = supervised();
    for (let end = 0; end < 12; end += 1) {
      clock.now += 61_000;
      await endLast(engines);
    }
    expect(engines).toHaveLength(13);
  });

  it('does not start a second engine beside a running one', () => {
    const { supervisor, engines } = supervised();
    supervisor.restart();
    expect(engines).toHaveLength(1);
  });

  it('stops the engine and does not start another when it then ends', async () => {
    const { supervisor, engines } = supervised();
    engines[0]!.listen('/first');
    await supervisor.address();
    let isStopped = false;
    const stopped = supervisor.stop().then(() => (isStopped = true));
    await settle();
    expect([engines[0]!.stops, isStopped]).toEqual([1, false]);
    await endLast(engines);
    await stopped;
    expect(engines).toHaveLength(1);
    await expect(supervisor.address()).rejects.toMatchObject({ code: 'engine-stopped' });
  });
});
