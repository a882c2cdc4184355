// What was typed and not yet saved outlives its form: a look at another tab, the back button, a list in between. It lives
// in this window only; the browser asks before the window goes with it.
import { useEffect, useState } from 'react'

const kept = new Map<string, unknown>()

/** As `useState`, under a name. `forget` ends it with the form. */
export function useKeptEdit<T>(name: string, first: () => T): [T, (next: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => (kept.get(name) as T | undefined) ?? first())
  const set = (next: T) => {
    kept.set(name, next)
    setValue(next)
  }
  return [value, set, () => void kept.delete(name)]
}

export function useAskBeforeLeaving(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isChanged])
}
