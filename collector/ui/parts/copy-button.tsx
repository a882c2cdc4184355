import { Button } from '@mantine/core'
import { failure, useMessages } from './messages.tsx'

/** Copies what `text` gives; where the browser lets no page write to the clipboard, says so. */
export function CopyButton({
  label,
  text,
  done,
}: {
  label: string
  text: () => string | Promise<string>
  done: string
}) {
  const tell = useMessages()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text())
      tell({ text: done })
    } catch (error) {
      tell(failure('Not copied', error))
    }
  }
  return (
    <Button variant="default" onClick={() => void copy()}>
      {label}
    </Button>
  )
}
