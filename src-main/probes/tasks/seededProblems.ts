import type { Problem } from '../../contract/probe.ts';

/** Whose rule a task follows: the one that models were trained on, or another one. */
export type TaskRule = 'id' | 'ood';

/** What decides the problems of a generated task, all of it. */
export interface TaskChoice {
  readonly rule: TaskRule;
  readonly count: number;
  readonly seed: number;
}

/** "points-id-42-0001" */
export function problemId(task: string, { rule, seed }: TaskChoice, index: number): string {
  return `${task}-${rule}-${seed}-${String(index + 1).padStart(4, '0')}`;
}

/** Problems as the lines of a probe file. */
export function probeLines(problems: readonly Problem[]): string {
  return problems.map((problem) => `${JSON.stringify(problem)}\n`).join('');
}
