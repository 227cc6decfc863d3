/** Colours as people see them who do not see all of them, and as grey print shows them. */

/** Relative luminance (WCAG 2.2), which is also what a grey print shows. */
export function luminance([r, g, b]: readonly [number, number, number]): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** CIE lightness, which is close to even for the eye. */
export function lightness(y: number): number {
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

/** What a person without the middle or long cones sees, to first order (matrices of Machado et al. 2009, severity 1). */
export const DEFICIENCIES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

export function seen(deficiency: string, rgb: readonly number[]): [number, number, number] {
  const rows = DEFICIENCIES[deficiency] ?? [];
  return rows.map((row) => row.reduce((sum, factor, i) => sum + factor * rgb[i]!, 0)) as [
    number,
    number,
    number,
  ];
}
