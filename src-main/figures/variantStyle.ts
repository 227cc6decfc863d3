import type { Role } from '../contract/rows.ts';

export const MARKERS = ['circle', 'square', 'triangle', 'diamond', 'cross', 'wedge'] as const;
export type Marker = (typeof MARKERS)[number];

export const DASHES = ['solid', 'dashed', 'dotted'] as const;
export type Dash = (typeof DASHES)[number];

/** How one variant looks on every page and in every export: never by colour alone. */
export interface VariantStyle {
  readonly label: string;
  readonly role: Role;
  /** Colour of Okabe and Ito's palette, which stays apart under the common colour deficiencies. */
  readonly colour: string;
  readonly marker: Marker;
  readonly dash: Dash;
  /** Of what is a point in figures and never a curve: `hollow` is a control. */
  readonly point?: 'full' | 'hollow';
}

/** Roles share no colour, so a role is known by its hues; colours of a role are used in this order. */
const COLOURS: Readonly<Record<Role, readonly string[]>> = {
  sft: ['#0072B2', '#56B4E9'],
  rl: ['#D55E00', '#E69F00', '#CC79A7'],
  other: ['#009E73', '#8C8C8C'],
};

const FIRST_MARKER: Readonly<Record<Role, number>> = { sft: 0, rl: 1, other: 2 };
const ROLE_ORDER: readonly Role[] = ['sft', 'rl', 'other'];

/** The entry of a non-empty list, starting again at its end. */
function cycled<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

function styleOf(label: string, role: Role, index: number): VariantStyle {
  const colours = COLOURS[role];
  const round = Math.floor(index / colours.length);
  return {
    label,
    role,
    colour: cycled(colours, index),
    marker: cycled(MARKERS, FIRST_MARKER[role] + index),
    dash: cycled(DASHES, index + round),
  };
}

/**
 * Styles of a study's variants in the order in which they are shown: SFT, RL, others, each as in the study. A style follows from the
 * place among variants of the same role, so that a variant keeps it when others are added behind.
 */
export function variantStyles(variants: readonly { label: string; role: Role }[]): VariantStyle[] {
  return ROLE_ORDER.flatMap((role) =>
    variants
      .filter((variant) => variant.role === role)
      .map(({ label }, index) => styleOf(label, role, index)),
  );
}
