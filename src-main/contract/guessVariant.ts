import { z } from 'zod';
import { Role } from './rows.ts';

/** What the files beside the weights say of how a checkpoint came to be. */
export const CheckpointHints = z.object({
  /** The model that training started from, as config.json or adapter_config.json names it: a path or org/name; null when they do not. */
  origin: z.string().nullable(),
  /** What a trainer's log tells by the names of its columns; null without a log, or when they tell nothing. */
  logged: Role.nullable(),
  /** Whether a trainer left its log beside the weights: then it is no published base. */
  isTrained: z.boolean(),
});
export type CheckpointHints = z.infer<typeof CheckpointHints>;

/** Words as they stand in names of runs and models, the strongest first: an RL run may name the SFT model that it began with. */
const ROLE_WORDS: readonly (readonly [Role, RegExp])[] = [
  [
    'rl',
    /(^|[^a-z])(rl|rlhf|rlvr|rlaif|grpo|ppo|dapo|gspo|rloo|remax|dpo|orpo|kto|simpo|ipo|reinforce\w*|r1-zero)(?![a-z])/i,
  ],
  ['sft', /(^|[^a-z])(sft|fine-?tuned?|ft|instruct|instruction|it|chat|distill\w*)(?![a-z])/i],
];

function parts(path: string): string[] {
  return path.split(/[/\\]/).filter((part) => part !== '');
}

/** Trainers name the folders inside a run after the step; the run is one up. */
const STEP = /^(?:checkpoint|global_step|step|epoch|iter)[-_]?(\d{1,15})$/;
/** Folders that trainers put between a step and its weights, and names that a cache makes. */
const SILENT = /^(?:actor|huggingface|hf|hf_model|model|policy|weights|snapshots|[0-9a-f]{40})$/;

/** The names of a path that tell something, outermost first. */
function tellingNames(path: string): string[] {
  const names = parts(path.trim()).filter((name, i) => i === 0 || !SILENT.test(name));
  return names.map((name) => name.replace(/^models--/, '').replaceAll('--', '/'));
}

function roleOfWords(text: string): Role | null {
  return ROLE_WORDS.find(([, word]) => word.test(text))?.[0] ?? null;
}

/** The role that the last names of a path tell, e.g. "rl" of runs/grpo-7b/checkpoint-300; else the log, else a folder that only RL trainers make; null when nothing tells. */
export function guessRole(path: string, hints: CheckpointHints | null = null): Role | null {
  const [last = '', run = ''] = tellingNames(path).slice(-2).reverse();
  const byLayout = parts(path).includes('actor') ? 'rl' : null;
  return roleOfWords(last) ?? roleOfWords(run) ?? hints?.logged ?? byLayout;
}

/** Step of the run that a path ends in; null when it is none of a trajectory. */
export function guessStep(path: string): number | null {
  const digits = STEP.exec(tellingNames(path).at(-1) ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Name of the run that a step belongs to; null for a checkpoint that is no step. */
export function guessRun(path: string): string | null {
  const names = tellingNames(path);
  return guessStep(path) === null ? null : (names.at(-2) ?? null);
}

/** A short label for a path: its last name, with the run in front of a step. Empty for an empty path. */
export function guessLabel(path: string): string {
  const names = tellingNames(path);
  const last = names.at(-1) ?? '';
  const run = guessRun(path);
  const label = run === null ? last.replace(/\.(?:safetensors|gguf|bin|pt|pth)$/, '') : `${run}/${last}`;
  return label
    .replace(/[^A-Za-z0-9._@/ -]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
}
