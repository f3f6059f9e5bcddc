import { z } from 'zod';

// It would compile its checks, and ask for that by trying: the page's policy forbids it and reports each try.
z.config({ jitless: true });
