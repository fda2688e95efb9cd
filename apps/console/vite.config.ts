import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a desk; its console is then at http://localhost:5173 and reloads what changes. */
const DESK = process.env['DESKWIRE_URL'] ?? 'http://127.0.0.1:3000';

export default defineConfig(({ command }) => {
  // Built by a shell that sets another NODE_ENV, the console would have the development code of React: four times slower.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root: fileURLToPath(new URL('.', import.meta.url)),
    // Relative, so that one build serves under any path. The server makes those of index.html absolute (apps/api/pages.ts).
    base: './',
    plugins: [react()],
    resolve: { conditions: ['deskwire-source', 'module', 'browser', 'development|production'] },
    build: {
      outDir: fileURLToPath(new URL('../../dist/apps/console', import.meta.url)),
      emptyOutDir: true,
      target: 'es2023',
      // A data: URL would need an entry in the content security policy.
      assetsInlineLimit: 0,
    },
    server: {
      proxy: {
        '/v1': DESK,
        '/health': DESK,
        '/socket.io': { target: DESK, ws: true },
      },
    },
  };
});
