// Most looks at Traefik see what the last one saw: nothing is rendered anew then.
import { type Rendered, type RenderInput, renderTraefik } from '../../plugin-config/render-traefik.ts'

/** Renders again only when its input changed: a thousand routes take a third of a second. */
export function createRenderOnChange(): (input: RenderInput) => Rendered {
  let last: { key: string; rendered: Rendered } | undefined
  return (input) => {
    const key = JSON.stringify(input)
    if (last?.key !== key) last = { key, rendered: renderTraefik(input) }
    return last.rendered
  }
}
