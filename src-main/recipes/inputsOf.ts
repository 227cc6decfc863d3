import type { Edit, MatchableEdit } from '../contract/recipe.ts';

/** An input that an edit names, and the field that names it. */
export interface NamedInput {
  readonly name: string;
  readonly field: readonly (string | number)[];
}

const named = (name: string, ...field: (string | number)[]): NamedInput => ({ name, field });

/** The inputs that an edit draws on besides the target. */
export function inputsOf(edit: Edit | MatchableEdit): NamedInput[] {
  switch (edit.edit) {
    case 'take':
    case 'restore':
      return [named(edit.from, 'from')];
    case 'interpolate':
      return [named(edit.to, 'to')];
    case 'scale-update':
    case 'truncate-update':
      return [named(edit.since, 'since')];
    case 'mask-update':
      return edit.mask.kind === 'changed-by'
        ? [named(edit.since, 'since'), named(edit.mask.by, 'mask', 'by')]
        : [named(edit.since, 'since')];
    case 'svf':
      return edit.experts.flatMap(({ fit }, i) =>
        fit === undefined ? [] : [named(fit, 'experts', i, 'fit')],
      );
    case 'matched-step':
      return [
        ...edit.like.flatMap((like, i) =>
          inputsOf(like).map(({ name, field }) => named(name, 'like', i, ...field)),
        ),
        ...(edit.direction === 'random' ? [] : [named(edit.direction.to, 'direction', 'to')]),
      ];
    case 'rotate-heads':
    case 'permute-heads':
      return [];
  }
}
