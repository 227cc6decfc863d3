import manifest from '../../package.json' with { type: 'json' };

/** Version of Polarimeter. */
export const VERSION: string = manifest.version;
