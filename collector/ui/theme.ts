// Colours that keep WCAG's 4.5:1 in light and in dark, and the nonce that the server allows style sheets by.
import { Anchor, type CSSVariablesResolver, createTheme } from '@mantine/core'

export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// The dialogs' scroll lock writes a style sheet too, and looks here for its nonce.
Object.assign(globalThis, { __webpack_nonce__: styleNonce })

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // A link in a text is told by more than its colour.
  components: { Anchor: Anchor.extend({ defaultProps: { underline: 'always' } }) },
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.15rem' } } },
})

export const themeVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#565d66',
    '--mantine-color-anchor': '#3446b8',
    '--mantine-color-placeholder': '#6a717a',
    '--mantine-color-error': '#c92a2a',
    '--u-match': '#1d7a3d',
    '--u-different': '#b3261e',
    '--u-noise': '#5f6670',
    '--u-incomplete': '#8a5a00',
    '--u-soft': '#f3f5f9',
    '--u-line': '#dfe3ea',
    '--u-added': '#e3f5e8',
    '--u-removed': '#fde8e7',
  },
  dark: {
    '--mantine-color-dimmed': '#a9b0ba',
    '--mantine-color-anchor': '#a5b4ff',
    '--mantine-color-placeholder': '#969da8',
    '--mantine-color-error': '#ff8a84',
    '--u-match': '#6fd08c',
    '--u-different': '#ff9d94',
    '--u-noise': '#a9b0ba',
    '--u-incomplete': '#f0bf5a',
    '--u-soft': '#2a2d33',
    '--u-line': '#3b3f47',
    '--u-added': '#173324',
    '--u-removed': '#40201f',
  },
})
