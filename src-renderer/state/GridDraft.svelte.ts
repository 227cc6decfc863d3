import { SvelteSet } from 'svelte/reactivity';
import type { GridEntry } from '../../src-main/contract/sweep.ts';
import { parseAmounts, parseDirections, parsePaths, parseShares, type ParsedList } from './parseList.ts';

/** The kinds of repairs of the form, in its order. */
export const REPAIR_KINDS = ['reset-layers', 'restore', 'interpolate', 'truncate-update', 'recipes'] as const;
export type RepairKind = (typeof REPAIR_KINDS)[number];

export const PARTS = ['head', 'tail', 'head-and-tail'] as const;
export const WHATS = ['directions', 'values', 'triplets'] as const;
export const RESTORE_VARIANTS = ['paper', 'orthonormal'] as const;
export const ENDS = ['first', 'last'] as const;

const inOrder = <T>(all: readonly T[], chosen: ReadonlySet<T>): T[] => all.filter((one) => chosen.has(one));

/** The grid of a sweep as it is typed: every kind of repair with its lists, which are crossed with each other. */
export class GridDraft {
  readonly kinds = new SvelteSet<RepairKind>(['reset-layers', 'restore', 'interpolate']);
  shares = $state('25 %, 50 %');
  readonly ends = new SvelteSet<(typeof ENDS)[number]>(['first']);
  withEmbeddings = $state(false);
  directions = $state('4, 16, 64');
  readonly parts = new SvelteSet<(typeof PARTS)[number]>(['head', 'head-and-tail']);
  readonly whats = new SvelteSet<(typeof WHATS)[number]>(['directions']);
  readonly variants = new SvelteSet<(typeof RESTORE_VARIANTS)[number]>(['paper']);
  amounts = $state('0.25, 0.5, 0.75');
  ranks = $state('1, 1 %, 10 %');
  norm = $state<'kept' | 'restored'>('kept');
  recipes = $state('');

  /** What is wrong with what was typed, by kind; kinds that are not ticked are not looked at. */
  readonly errors: Readonly<Partial<Record<RepairKind, string>>> = $derived.by(() => {
    const found: Partial<Record<RepairKind, string>> = {};
    for (const kind of this.kinds) {
      const error = this.#errorOf(kind);
      if (error !== null) found[kind] = error;
    }
    return found;
  });

  /** Null while something is wrong. */
  readonly grid: readonly GridEntry[] | null = $derived.by(() =>
    Object.keys(this.errors).length > 0
      ? null
      : REPAIR_KINDS.filter((kind) => this.kinds.has(kind)).flatMap((kind) => this.#entriesOf(kind)),
  );

  toggle(kind: RepairKind): void {
    if (!this.kinds.delete(kind)) this.kinds.add(kind);
  }

  #listOf(kind: RepairKind): ParsedList<unknown> {
    switch (kind) {
      case 'reset-layers':
        return parseShares(this.shares);
      case 'restore':
        return parseDirections(this.directions);
      case 'interpolate':
        return parseAmounts(this.amounts);
      case 'truncate-update':
        return parseDirections(this.ranks);
      case 'recipes':
        return parsePaths(this.recipes);
    }
  }

  #errorOf(kind: RepairKind): string | null {
    const { error } = this.#listOf(kind);
    if (error !== null) return error;
    if (kind === 'reset-layers' && this.ends.size === 0) return 'tick first or last layers';
    if (kind !== 'restore') return null;
    if (this.parts.size === 0) return 'tick a part of the spectrum';
    if (this.whats.size === 0) return 'tick what is restored';
    return this.variants.size === 0 ? 'tick a variant' : null;
  }

  #entriesOf(kind: RepairKind): GridEntry[] {
    switch (kind) {
      case 'reset-layers': {
        const shares = [...parseShares(this.shares).values];
        return inOrder(ENDS, this.ends).map((end) => ({
          kind,
          shares,
          end,
          withEmbeddings: this.withEmbeddings,
        }));
      }
      case 'restore':
        return [
          {
            kind,
            directions: [...parseDirections(this.directions).values],
            part: inOrder(PARTS, this.parts),
            what: inOrder(WHATS, this.whats),
            variant: inOrder(RESTORE_VARIANTS, this.variants),
          },
        ];
      case 'interpolate':
        return [{ kind, amounts: [...parseAmounts(this.amounts).values] }];
      case 'truncate-update':
        return [{ kind, ranks: [...parseDirections(this.ranks).values], norm: this.norm }];
      case 'recipes':
        return [{ kind, paths: [...parsePaths(this.recipes).values] }];
    }
  }
}
