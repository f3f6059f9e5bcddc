import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page is served under a strict policy: nothing inline, no evaluated code, assets by their hash. */
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Together, so that it is told before any schema is made: chunks run before what imports them.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'zod', test: /node_modules.zod.|noEval/ }] } } },
  },
});
