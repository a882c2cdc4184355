// News may come while the last ones are being read, too late to be among them: then there is one more look.

/** Looks at once, and once more after a look during which it was asked again. What a look throws goes to `failed`. */
export function lookInTurn(look: () => Promise<unknown>, failed: (error: unknown) => void): () => void {
  let isWanted = false
  let isLooking = false
  const run = async () => {
    while (isWanted) {
      isWanted = false
      await look().catch(failed)
    }
    isLooking = false
  }
  return () => {
    isWanted = true
    if (isLooking) return
    isLooking = true
    void run()
  }
}
