import type { Role } from '../../src-main/contract/rows.ts';

const ROLE_WORDS: readonly (readonly [Role, RegExp])[] = [
  ['rl', /(^|[^a-z])(rl|rlhf|rlvr|grpo|ppo|dapo|gspo|rloo|reinforce)/i],
  ['sft', /(^|[^a-z])(sft|finetuned?|instruct)/i],
];

function parts(path: string): string[] {
  return path.split(/[/\\]/).filter((part) => part !== '');
}

/** Trainers name the folders inside a run after the step; the run is one up. */
const STEP = /^(checkpoint-\d+|global_step_\d+|step[-_]?\d+)$/;

/** The role that the last names of a path tell, e.g. "rl" of runs/grpo-7b/checkpoint-300; null when they do not. */
export function guessRole(path: string): Role | null {
  const names = parts(path).slice(-2).join('/');
  return ROLE_WORDS.find(([, word]) => word.test(names))?.[0] ?? null;
}

/** A short label for a path: its last name, with the run in front of a step. Empty for an empty path. */
export function guessLabel(path: string): string {
  const names = parts(path.trim());
  const last = names.at(-1) ?? '';
  const label =
    STEP.test(last) && names.length > 1
      ? `${names.at(-2) ?? ''}/${last}`
      : last.replace(/\.safetensors$/, '');
  return label
    .replace(/[^A-Za-z0-9._@/ -]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
}
