// What is chosen on a page lives in its address and nowhere else, so that a link shows the same.
import { useSearchParams } from 'wouter'

/** What the address says, and how to change some of it: what is left out stays, an empty text takes a name away. */
export function useAddress(): [URLSearchParams, (changed: Record<string, string | undefined>) => void] {
  const [params, setParams] = useSearchParams()
  const change = (changed: Record<string, string | undefined>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        for (const [name, value] of Object.entries(changed)) {
          if (value) next.set(name, value)
          else next.delete(name)
        }
        return next
      },
      { replace: true },
    )
  return [params, change]
}
