/** Who runs a model, and how: everything that decides what it answers is recorded with the answers. */
import { z } from 'zod';

export const GenerationSettings = z.object({
  /** 0 is greedy. */
  temperature: z.number().min(0).max(10).default(0),
  topP: z.number().gt(0).max(1).default(1),
  maxTokens: z.number().int().positive().max(65536).default(256),
  /** Texts that end an answer, besides the end-of-text tokens of the model. They are not part of the answer. */
  stop: z.array(z.string().min(1)).max(16).default([]),
  seed: z.number().int().nonnegative().max(0xffffffff).default(42),
  /** `none`: the prompt as it is, after the tokens that the tokenizer puts in front. `chat`: as one user message in the model's own template. */
  template: z.enum(['none', 'chat']).default('none'),
  /** Problems answered side by side; which problems share a batch is fixed, because sums depend on it in the last digits. */
  batch: z.number().int().positive().max(512).default(16),
});
export type GenerationSettings = z.infer<typeof GenerationSettings>;

export const EvaluatorChoice = z.discriminatedUnion('kind', [
  /** llama.cpp in this process. */
  z.object({
    kind: z.literal('embedded'),
    device: z.enum(['auto', 'cpu', 'cuda', 'metal', 'vulkan']).default('cpu'),
    /** Null: as measured to be best here. */
    threads: z.number().int().positive().max(1024).nullable().default(null),
    /** Element type of the converted model; `stored` keeps bf16 and f16 and widens nothing. */
    weights: z.enum(['stored', 'F32', 'F16', 'BF16']).default('stored'),
    contextTokens: z.number().int().positive().nullable().default(null),
  }),
  /** An OpenAI-compatible server that already runs the model; off unless the user names it. The key is never stored. */
  z.object({
    kind: z.literal('endpoint'),
    url: z.url({ protocol: /^https?$/ }),
    model: z.string().min(1),
    api: z.enum(['completions', 'chat']).default('completions'),
    /** Name of the environment variable that holds the key. */
    keyVariable: z
      .string()
      .regex(/^[A-Z_][A-Z0-9_]*$/)
      .nullable()
      .default(null),
    timeoutSeconds: z.number().positive().max(3600).default(120),
    retries: z.number().int().nonnegative().max(20).default(4),
  }),
]);
export type EvaluatorChoice = z.infer<typeof EvaluatorChoice>;

/** What actually ran. */
export const EvaluatorInfo = z.object({
  kind: z.enum(['embedded', 'endpoint']),
  /** "llama.cpp b1234 by node-llama-cpp 3.21.1", or the server's address and model. */
  engine: z.string(),
  device: z.string(),
  threads: z.number().int().nullable(),
  weights: z.string(),
  contextTokens: z.number().int().nullable(),
});
export type EvaluatorInfo = z.infer<typeof EvaluatorInfo>;

/** One answer of a model. */
export const Answer = z.object({
  text: z.string(),
  tokens: z.number().int().nonnegative(),
  /** end: the model ended it; stop: a stop text; length: maxTokens or the context was used up. */
  ended: z.enum(['end', 'stop', 'length']),
});
export type Answer = z.infer<typeof Answer>;

/** Whether models can be run on this machine, and with what. */
export const EmbeddedAvailability = z.object({
  available: z.boolean(),
  engine: z.string().nullable(),
  devices: z.array(z.string()),
  /** Why not. */
  reason: z.string().nullable(),
});
export type EmbeddedAvailability = z.infer<typeof EmbeddedAvailability>;
