import { runMain } from './house/runMain.mjs';
import { setUp } from './house/setUp.mjs';

// npm run setup [-- --tests]
await runMain(() => setUp({ tests: process.argv.includes('--tests') }));
