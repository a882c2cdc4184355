// Where the page begins.
import '@mantine/core/styles.css'
import './style.css'
import './tables.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { loadEditor } from './parts/bodies.tsx'

// Loaded while its bodies are.
if (/^\/comparisons\/./.test(window.location.pathname)) void loadEditor()

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
