import { guessStudy, type Candidate } from '../../src-main/contract/guessStudy.ts';
import { guessLabel, guessRole, guessRun, guessStep } from '../../src-main/contract/guessVariant.ts';
import type { Role } from '../../src-main/contract/rows.ts';
import { Variant } from '../../src-main/contract/study.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { CheckpointField } from './CheckpointField.svelte.ts';
import { mapOf } from './mapOf.ts';
import { OptionsDraft } from './OptionsDraft.svelte.ts';

let drafts = 0;

/** What is known of the checkpoint in a field. */
function candidateOf(field: CheckpointField): Candidate {
  const { found } = field;
  const path = field.path.trim();
  return found?.kind === 'checkpoint'
    ? { path, title: found.checkpoint.title, hints: found.hints }
    : { path, title: path, hints: null };
}

/** One variant of a study that is being made. */
export class VariantDraft {
  readonly key = `variant-${String(++drafts)}`;
  readonly field: CheckpointField;
  /** Of an adapter: what it is laid on, when it is not what it names itself. */
  readonly adapterBase: CheckpointField;
  #guessedRole = $state<Role>('sft');
  #chosenRole = $state<Role | null>(null);
  from = $state('base');
  /** What the user typed; until then the label follows the path. */
  typedLabel = $state<string | null>(null);

  readonly label = $derived.by(() => this.typedLabel ?? guessLabel(this.field.path));
  readonly isEmpty = $derived.by(() => this.field.path.trim() === '');
  readonly isAdapter = $derived.by(
    () =>
      this.field.isOrphan ||
      (this.field.found?.kind === 'checkpoint' && this.field.found.checkpoint.format === 'adapter'),
  );

  constructor(client: ApiClient, role: Role) {
    this.field = new CheckpointField(client);
    this.adapterBase = new CheckpointField(client);
    this.#guessedRole = role;
  }

  /** What the user chose; until then what names and files tell. */
  get role(): Role {
    return this.#chosenRole ?? this.#guessedRole;
  }

  set role(role: Role) {
    this.#chosenRole = role;
  }

  async choose(path: string): Promise<void> {
    this.field.path = path;
    await this.check();
  }

  /** Looks at the path, and guesses the role where names and files tell it. */
  async check(): Promise<void> {
    await this.field.check();
    const { hints } = candidateOf(this.field);
    this.#guessedRole = guessRole(this.field.path, hints) ?? this.#guessedRole;
  }
}

/** A study that is being made: base, variants, and what is wrong with them. */
export class StudyForm {
  readonly #client: ApiClient;
  /** What the user typed; until then the name follows the base. */
  typedName = $state<string | null>(null);
  readonly base: CheckpointField;
  variants = $state.raw<readonly VariantDraft[]>([]);
  folder = $state('');
  readonly options = new OptionsDraft();
  problem = $state.raw<Problem | null>(null);
  /** Whether the user has asked for the study, so that empty fields count as mistakes. */
  wasSubmitted = $state(false);
  isSubmitting = $state(false);

  readonly name = $derived.by(() => this.typedName ?? guessLabel(this.base.path));
  readonly nameError = $derived(this.name.trim() === '' ? 'a study needs a name' : null);
  readonly labelErrors: readonly (string | null)[] = $derived(
    this.variants.map((variant) => this.#labelError(variant)),
  );
  /** Paths that are in the study, for lists to choose from. */
  readonly chosen: ReadonlyMap<string, string> = $derived.by(() =>
    mapOf([
      [this.base.path, 'base'],
      ...this.variants.map(({ field, label }): [string, string] => [field.path, label]),
    ]),
  );

  constructor(client: ApiClient) {
    this.#client = client;
    this.base = new CheckpointField(client);
    this.variants = [new VariantDraft(client, 'sft'), new VariantDraft(client, 'rl')];
  }

  add(): void {
    this.variants = [...this.variants, new VariantDraft(this.#client, 'other')];
  }

  remove(variant: VariantDraft): void {
    for (const other of this.variants) if (other.from === variant.label) other.from = 'base';
    this.variants = this.variants.filter((other) => other !== variant);
    if (this.variants.length === 0) this.add();
  }

  /** Puts checkpoints where they seem to belong: base, role and reference are guessed, and can be corrected. */
  async take(candidates: readonly Candidate[]): Promise<void> {
    const chosen = candidates.filter(({ path }) => !this.chosen.has(path));
    const filled = this.variants.filter(({ isEmpty }) => !isEmpty);
    const guess = guessStudy(chosen, {
      base: this.base.path.trim() === '' ? null : candidateOf(this.base),
      labels: mapOf(filled.map(({ label, field }): [string, Candidate] => [label, candidateOf(field)])),
    });
    const added = guess.variants.map(({ path, label, role, from }) => {
      const draft = new VariantDraft(this.#client, role);
      draft.field.path = path;
      if (label !== draft.label) draft.typedLabel = label;
      draft.from = from;
      return draft;
    });
    const variants = [...filled, ...added];
    this.variants = variants.length > 0 ? variants : this.variants;
    if (guess.base !== null) this.base.path = guess.base;
    await Promise.all([
      ...(this.base.path === '' ? [] : [this.base.check()]),
      ...added.map(({ field }) => field.check()),
    ]);
  }

  /** Takes a checkpoint out again, wherever it stands. */
  drop(path: string): void {
    if (this.base.path === path) this.base.clear();
    for (const variant of this.variants) if (variant.field.path === path) this.remove(variant);
  }

  /** What was the base becomes a variant in its place. */
  async makeBase(variant: VariantDraft): Promise<void> {
    const [base, path] = [this.base.path, variant.field.path];
    const wasTyped = variant.typedLabel;
    variant.typedLabel = null;
    for (const other of this.variants) if (other.from === wasTyped || other === variant) other.from = 'base';
    if (base.trim() === '') this.remove(variant);
    await Promise.all([this.base.choose(path), ...(base.trim() === '' ? [] : [variant.choose(base)])]);
  }

  /** Labels that a variant can be compared with: the base, and every other variant. */
  references(variant: VariantDraft): string[] {
    const others = this.variants.filter((other) => other !== variant && other.label !== '');
    const labels = ['base', ...others.map(({ label }) => label)];
    return labels.filter((label, index) => labels.indexOf(label) === index);
  }

  /** Makes the study. Returns its id, or null when something is wrong, which the fields then say. */
  async submit(): Promise<string | null> {
    this.wasSubmitted = true;
    this.problem = null;
    this.isSubmitting = true;
    await Promise.all([this.base.check(), ...this.variants.map((variant) => variant.check())]);
    const isSound =
      this.nameError === null &&
      this.options.isSound &&
      this.labelErrors.every((error) => error === null) &&
      this.base.isCheckpoint &&
      this.variants.every(({ field }) => field.isCheckpoint || field.isOrphan);
    const id = isSound ? await this.#create() : null;
    this.isSubmitting = false;
    return id;
  }

  async #create(): Promise<string | null> {
    try {
      return await this.#client.create({
        folder: this.folder.trim() === '' ? null : this.folder.trim(),
        name: this.name.trim(),
        base: this.base.path.trim(),
        variants: this.variants.map(({ label, role, from, field, adapterBase, isAdapter }) => ({
          label,
          role,
          from,
          path: field.path.trim(),
          adapterBase: isAdapter && adapterBase.path.trim() !== '' ? adapterBase.path.trim() : null,
          run: guessRun(field.path),
          step: guessStep(field.path),
        })),
        options: this.options.options(),
      });
    } catch (error) {
      this.problem = problemOf(error);
      return null;
    }
  }

  #labelError({ label }: VariantDraft): string | null {
    if (label === 'base') return 'this label is taken by the base checkpoint';
    if (this.variants.filter((other) => other.label === label).length > 1)
      return 'another variant has this label';
    return Variant.shape.label.safeParse(label).error?.issues[0]?.message ?? null;
  }
}
