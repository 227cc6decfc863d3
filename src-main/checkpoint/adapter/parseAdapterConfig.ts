import { z } from 'zod';
import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';

const LARGEST_RANK = 1 << 20;
const MOST_PATTERNS = 100_000;
const MOST_MODULES = 10_000;
const LONGEST_TEXT = 4096;
const LONGEST_PATTERN = 1000;

const text = z.string().max(LONGEST_TEXT);
const optionalText = text.nullable().optional();
const flag = z.boolean().nullable().optional();
const rank = z.number().int().min(1).max(LARGEST_RANK);
const pattern = z.string().min(1).max(LONGEST_PATTERN);

function patterns<Value extends z.ZodType>(
  value: Value,
): z.ZodType<Record<string, z.infer<Value>> | null | undefined> {
  return z
    .record(pattern, value)
    .refine((record) => Object.keys(record).length <= MOST_PATTERNS, `more than ${MOST_PATTERNS} patterns`)
    .nullable()
    .optional();
}

const LoraFields = z.object({
  base_model_name_or_path: optionalText,
  revision: optionalText,
  r: rank,
  lora_alpha: z.number(),
  rank_pattern: patterns(rank),
  alpha_pattern: patterns(z.number()),
  use_rslora: flag,
  fan_in_fan_out: flag,
  modules_to_save: z.array(text).max(MOST_MODULES).nullable().optional(),
});

/** What an adapter_config.json says about how its matrices change the weights of its base. */
export interface AdapterConfig {
  /** Repository or folder of the model that it was trained on, and the revision; null where the file is silent. */
  readonly base: string | null;
  readonly revision: string | null;
  readonly rank: number;
  readonly alpha: number;
  /** Regular expressions on names of modules, in the order of the file, and the ranks and alphas that they stand for. */
  readonly rankPatterns: ReadonlyMap<string, number>;
  readonly alphaPatterns: ReadonlyMap<string, number>;
  /** The scale is alpha / sqrt(rank) instead of alpha / rank (arXiv 2312.03732). */
  readonly rankStabilised: boolean;
  /** The base stores its linear weights as (in, out). */
  readonly fanInFanOut: boolean;
  /** Modules whose weights the adapter replaces whole. */
  readonly savedModules: readonly string[];
}

/** Settings under which an adapter is more than base + scale * B * A, and how people call them. */
const BEYOND_LORA: readonly (readonly [field: string, name: string])[] = [
  ['use_dora', 'DoRA'],
  ['use_qalora', 'QA-LoRA'],
  ['use_bdlora', 'BD-LoRA'],
  ['layer_replication', 'replicated layers'],
  ['trainable_token_indices', 'single trained tokens'],
  ['target_parameters', 'LoRA on parameters instead of modules'],
  ['alora_invocation_tokens', 'activated LoRA'],
  ['arrow_config', 'Arrow routing'],
];

/** Initialisations that take a part out of the base, so that the adapter belongs to the base that is left. */
const BASE_CHANGING = /^(?:pissa|olora|corda|loftq|lora_ga)/;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function checkKind(fields: Fields, file: string): void {
  const type = fields.peft_type;
  if (typeof type !== 'string') throw fileError('adapter-invalid', file, 'has no peft_type');
  if (type !== 'LORA') {
    throw fileError('adapter-unsupported', file, `describes an adapter of type ${quoteName(type)}, not LORA`);
  }
  const beyond = BEYOND_LORA.find(([field]) => isSet(fields[field]));
  if (beyond) {
    const [field, name] = beyond;
    throw fileError('adapter-unsupported', file, `asks for ${name} (${field})`);
  }
  const start = fields.init_lora_weights;
  if (typeof start === 'string' && BASE_CHANGING.test(start)) {
    const what = `was initialised by ${quoteName(start)}, which changes the base as well`;
    throw fileError('adapter-unsupported', file, what);
  }
}

function parseJson(source: string, file: string): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw fileError('adapter-invalid', file, 'is not JSON');
  }
  if (!isFields(parsed)) throw fileError('adapter-invalid', file, 'is not a JSON object');
  return parsed;
}

/**
 * Takes what counts out of the text of an adapter_config.json; fields that do not change the weights are left aside.
 * Fails with adapter-unsupported for anything but plain LoRA, and adapter-invalid for fields that are missing or senseless.
 */
export function parseAdapterConfig(source: string, file: string): AdapterConfig {
  const parsed = parseJson(source, file);
  checkKind(parsed, file);
  const checked = LoraFields.safeParse(parsed);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const where = (issue?.path ?? []).map((part) => quoteName(String(part))).join(' ');
    throw fileError('adapter-invalid', file, `${where}: ${issue?.message ?? 'invalid'}`);
  }
  const fields = checked.data;
  return {
    base: fields.base_model_name_or_path || null,
    revision: fields.revision || null,
    rank: fields.r,
    alpha: fields.lora_alpha,
    rankPatterns: new Map(Object.entries(fields.rank_pattern ?? {})),
    alphaPatterns: new Map(Object.entries(fields.alpha_pattern ?? {})),
    rankStabilised: fields.use_rslora ?? false,
    fanInFanOut: fields.fan_in_fan_out ?? false,
    savedModules: fields.modules_to_save ?? [],
  };
}
