/**
 * Files of made tensors are named after what they are made of and carry this ending: one that is not there was not computed yet, or was
 * removed to make room, which is another matter than a checkpoint that went.
 */
const ENDING = '.made.safetensors';

export const madeFileName = (key: string): string => `${key}${ENDING}`;
export const isMadeFile = (path: string): boolean => path.endsWith(ENDING);
