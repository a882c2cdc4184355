// How the admin UI is built: one page, its scripts and style sheets in files of their own, nothing inline but the nonce
// that the server fills in for each answer (api/ui-pages.ts).
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  html: { cspNonce: '__understudy_nonce__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // The editor is loaded by the one page that shows bodies; its size is no mistake.
    chunkSizeWarningLimit: 800,
  },
})
