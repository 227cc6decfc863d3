/** Two-sided 5 %: the 97.5 % quantile of the normal distribution. */
export const Z_95 = 1.959963984540054;

/** Power of 80 %: the 80 % quantile. */
export const Z_POWER_80 = 0.8416212335729143;
