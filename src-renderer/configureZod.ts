import { z } from 'zod';

/** The content security policy forbids evaluated code, which zod would try for speed. Imported before any schema is made. */
z.config({ jitless: true });
