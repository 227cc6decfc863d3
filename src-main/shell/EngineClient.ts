import { z } from 'zod';
import { isErrorCode, PolarimeterError } from '../contract/errors.ts';
import { Health, StudyId, StudySummary } from '../contract/routes.ts';
import { engineReply } from './engineReply.ts';
import type { EngineSupervisor } from './EngineSupervisor.ts';

const Failed = z.object({
  error: z.object({ code: z.string(), message: z.string(), where: z.string().nullable() }),
});

/** What a front process itself asks of the engine, with the engine's errors as they were thrown there. */
export class EngineClient {
  readonly #engine: Pick<EngineSupervisor, 'address'>;

  constructor(engine: Pick<EngineSupervisor, 'address'>) {
    this.#engine = engine;
  }

  /** Opens a study and returns its id. fails as opening a study does, and engine-stopped */
  async open(path: string): Promise<string> {
    const body = JSON.stringify({ path });
    return (await this.#ask('/api/studies/open', StudyId, { method: 'POST', body })).id;
  }

  /** The recent studies, newest first. fails engine-stopped */
  studies(): Promise<StudySummary[]> {
    return this.#ask('/api/studies', z.array(StudySummary));
  }

  /** fails engine-stopped */
  health(): Promise<Health> {
    return this.#ask('/api/health', Health);
  }

  async #ask<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
    const reply = await engineReply(this.#engine, new Request(`http://localhost${path}`, init));
    if (reply.ok) return schema.parse(await reply.json());
    const { code, message, where } = Failed.parse(await reply.json()).error;
    throw isErrorCode(code) ? new PolarimeterError(code, message, where) : new Error(message);
  }
}
