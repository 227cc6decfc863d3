import type { Role } from '../../src-main/contract/rows.ts';
import { StudyOptions, Variant } from '../../src-main/contract/study.ts';
import type { ApiClient } from '../api/ApiClient.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { CheckpointField } from './CheckpointField.svelte.ts';
import { guessLabel, guessRole } from '../../src-main/contract/guessVariant.ts';

let drafts = 0;

/** One variant of a study that is being made. */
export class VariantDraft {
  readonly key = `variant-${String(++drafts)}`;
  readonly field: CheckpointField;
  role = $state<Role>('sft');
  from = $state('base');
  /** What the user typed; until then the label follows the path. */
  typedLabel = $state<string | null>(null);

  readonly label = $derived.by(() => this.typedLabel ?? guessLabel(this.field.path));

  constructor(client: ApiClient, role: Role) {
    this.field = new CheckpointField(client);
    this.role = role;
  }

  async choose(path: string): Promise<void> {
    this.field.path = path;
    await this.check();
  }

  /** Looks at the path, and takes the role from a name that tells it. */
  async check(): Promise<void> {
    this.role = guessRole(this.field.path) ?? this.role;
    await this.field.check();
  }
}

const DEFAULT_K = StudyOptions.parse({}).k;

/** A study that is being made: base, variants, and what is wrong with them. */
export class StudyForm {
  readonly #client: ApiClient;
  name = $state('');
  readonly base: CheckpointField;
  variants = $state.raw<readonly VariantDraft[]>([]);
  folder = $state('');
  k = $state(DEFAULT_K);
  problem = $state.raw<Problem | null>(null);
  /** Whether the user has asked for the study, so that empty fields count as mistakes. */
  wasSubmitted = $state(false);
  isSubmitting = $state(false);

  readonly nameError = $derived(this.name.trim() === '' ? 'a study needs a name' : null);
  readonly labelErrors: readonly (string | null)[] = $derived(
    this.variants.map((variant) => this.#labelError(variant)),
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
    const fields = [this.base, ...this.variants.map(({ field }) => field)];
    await Promise.all(fields.map((field) => field.check()));
    const isSound =
      this.nameError === null &&
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
        variants: this.variants.map(({ label, role, from, field }) => ({
          label,
          role,
          from,
          path: field.path.trim(),
        })),
        options: { k: this.k },
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
