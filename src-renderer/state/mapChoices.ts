import { ROLES } from '../../src-main/contract/rows.ts';
import type { Subtrahend } from '../../src-main/figures/heatmapDifference.ts';
import type { HeatmapPanel } from '../../src-main/figures/heatmapPanels.ts';
import type { PlaceQuery } from './place.ts';

export const MAP_VIEWS = ['values', 'difference', 'above-baseline'] as const;
export type MapView = (typeof MAP_VIEWS)[number];

/** What the user has chosen to see on the map; null leaves it to the page. */
export interface MapChoices {
  readonly measure: string | null;
  /** The other variant of a measure of pairs. */
  readonly partner: string | null;
  readonly view: MapView;
  /** The one variant from which is subtracted; null is every variant on screen. */
  readonly of: string | null;
  /** A variant, or "mean:ROLE". */
  readonly minus: string | null;
  readonly isRatio: boolean;
  readonly log: boolean | null;
  /** The module whose tensors are shown one by one. */
  readonly inside: string | null;
}

export const DEFAULT_CHOICES: MapChoices = {
  measure: null,
  partner: null,
  view: 'values',
  of: null,
  minus: null,
  isRatio: false,
  log: null,
  inside: null,
};

const MEAN = 'mean:';

/** What is subtracted; without a choice the first variant. */
export function subtrahendOf(minus: string | null, panels: readonly HeatmapPanel[]): Subtrahend {
  const role = ROLES.find((known) => minus === `${MEAN}${known}`);
  if (role !== undefined && panels.some(({ style }) => style.role === role)) return { kind: 'role', role };
  const labels = panels.map(({ style }) => style.label);
  return { kind: 'variant', label: labels.find((label) => label === minus) ?? labels[0] ?? '' };
}

/** A subtrahend as choices and the address hold it. */
export function writtenSubtrahend(subtrahend: Subtrahend): string {
  return subtrahend.kind === 'role' ? `${MEAN}${subtrahend.role}` : subtrahend.label;
}

/** Choices as they stand in the address; what is as usual is left out. */
export function mapQuery(
  choices: MapChoices,
  { measure, perNorm }: { measure: string | null; perNorm: boolean },
): PlaceQuery {
  const isDifference = choices.view === 'difference';
  const all: Record<string, string | null> = {
    measure,
    with: choices.partner,
    view: choices.view === 'values' ? null : choices.view,
    of: isDifference ? choices.of : null,
    minus: isDifference ? choices.minus : null,
    ratio: isDifference && choices.isRatio ? '1' : null,
    log: choices.log === null ? null : choices.log ? '1' : '0',
    in: choices.inside,
    norm: perNorm ? '1' : null,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

export function mapChoices(query: PlaceQuery): MapChoices & { readonly perNorm: boolean } {
  const { measure, with: partner, view, of, minus, ratio, log, in: inside, norm } = query;
  return {
    measure: measure ?? null,
    partner: partner ?? null,
    view: MAP_VIEWS.find((known) => known === view) ?? 'values',
    of: of ?? null,
    minus: minus ?? null,
    isRatio: ratio === '1',
    log: log === undefined ? null : log === '1',
    inside: inside ?? null,
    perNorm: norm === '1',
  };
}
