import { guessLabel, guessRole, guessRun, guessStep, type CheckpointHints } from './guessVariant.ts';
import type { Variant } from './study.ts';

/** A checkpoint that somebody has chosen or dropped. */
export interface Candidate {
  readonly path: string;
  /** Short name for people, e.g. org/name@abcdef1 (main). */
  readonly title: string;
  readonly hints: CheckpointHints | null;
}

export interface StudyGuess {
  /** Path of the base; null when nothing tells it. */
  readonly base: string | null;
  readonly variants: readonly Pick<Variant, 'path' | 'label' | 'role' | 'from' | 'run' | 'step'>[];
}

const lastName = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== '') ?? '';

/** org/name of a title such as "org/name@abcdef1 (main)". */
const repositoryOf = (title: string): string => /^[^@ ]+/.exec(title)?.[0] ?? title;

/** Whether what a config names is this checkpoint: the same path, the same repository, or a folder of the same name. */
function isNamedBy({ path, title }: Candidate, origin: string): boolean {
  const clean = origin.replace(/[/\\]+$/, '');
  if (clean === path || clean === repositoryOf(title)) return true;
  const step = guessStep(clean);
  const name = step === null ? lastName(clean) : guessLabel(clean);
  return name !== '' && (name === guessLabel(path) || name === lastName(repositoryOf(title)));
}

type Parents = ReadonlyMap<Candidate, Candidate>;

/** Whether the parents of a candidate lead to another one, or it is that one. */
function leadsTo(from: Candidate, target: Candidate, parents: Parents): boolean {
  for (let at: Candidate | undefined = from; at; at = parents.get(at)) if (at === target) return true;
  return false;
}

/** The candidate that each one was trained from, as far as the files say so; names that lead in a circle are not believed. */
function parentsOf(all: readonly Candidate[]): Parents {
  const parents = new Map<Candidate, Candidate>();
  for (const candidate of all) {
    const origin = candidate.hints?.origin ?? null;
    if (origin === null) continue;
    const parent = all.find((other) => other !== candidate && isNamedBy(other, origin));
    if (parent && !leadsTo(parent, candidate, parents)) parents.set(candidate, parent);
  }
  return parents;
}

/** How many others lead back to a candidate. */
function descendants(candidate: Candidate, parents: Parents): number {
  return [...parents.keys()].filter((other) => other !== candidate && leadsTo(other, candidate, parents))
    .length;
}

const NAMED_BASE = /(^|[^a-z])(base|pretrain\w*|foundation|pt)(?![a-z])/i;

/** What the others come from; else the one that is called base; else the only one whose name and files tell no training. */
function baseOf(all: readonly Candidate[], parents: Parents): Candidate | null {
  const roots = all
    .filter((candidate) => !parents.has(candidate))
    .map((candidate) => ({ candidate, count: descendants(candidate, parents) }))
    .toSorted((a, b) => b.count - a.count);
  const [first, second] = roots;
  if (first && first.count > (second?.count ?? 0)) return first.candidate;
  const named = all.filter(({ path, title }) => NAMED_BASE.test(lastName(path)) || NAMED_BASE.test(title));
  if (named.length === 1) return named[0] ?? null;
  const plain = all.filter(
    ({ path, hints }) => guessRole(path, hints) === null && guessStep(path) === null && !hints?.isTrained,
  );
  return plain.length === 1 ? (plain[0] ?? null) : null;
}

/** Labels with a number behind those that another variant has already. */
function distinct(label: string, taken: ReadonlySet<string>): string {
  const plain = label === '' || label === 'base' ? 'variant' : label;
  if (!taken.has(plain)) return plain;
  for (let n = 2; ; n++) {
    const numbered = `${plain.slice(0, 60)}-${String(n)}`;
    if (!taken.has(numbered)) return numbered;
  }
}

/**
 * Which of some checkpoints is the base, and what the others are: roles from names and trainers' logs, `from` from what the configurations
 * name. Everything of it can be corrected.
 * @param known what the study holds already
 */
export function guessStudy(
  chosen: readonly Candidate[],
  known: { readonly base: Candidate | null; readonly labels: ReadonlyMap<string, Candidate> } = {
    base: null,
    labels: new Map(),
  },
): StudyGuess {
  const present = [...(known.base ? [known.base] : []), ...known.labels.values()];
  const all = [...present, ...chosen.filter(({ path }) => !present.some((other) => other.path === path))];
  const parents = parentsOf(all);
  const base = known.base ?? baseOf(all, parents);
  const labels = new Map([...known.labels].map(([label, candidate]) => [candidate, label]));
  const taken = new Set(labels.values());
  const added = all.filter((candidate) => !present.includes(candidate) && candidate !== base);
  for (const candidate of added) {
    const label = distinct(guessLabel(candidate.path), taken);
    taken.add(label);
    labels.set(candidate, label);
  }
  const variants = added.map((candidate) => {
    const { path, hints } = candidate;
    const parent = parents.get(candidate);
    const from = parent === undefined || parent === base ? 'base' : (labels.get(parent) ?? 'base');
    const label = labels.get(candidate) ?? '';
    return {
      path,
      label,
      role: guessRole(path, hints) ?? 'other',
      from,
      run: guessRun(path),
      step: guessStep(path),
    };
  });
  return { base: base?.path ?? null, variants };
}
