import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { readApi } from '../api/client.ts'
import { apiPath, pagePath } from '../paths.ts'
import { useMessages } from './messages.tsx'

/** Sends the same request to both sides once more, and goes to what that gave. */
export function ReplayButton({ id }: { id: string }) {
  const tell = useMessages()
  const [, go] = useLocation()
  const replay = useMutation({
    mutationFn: () =>
      readApi<{ exchangeId: string; comparison?: { id?: string } | null }>(apiPath.replay(id), { method: 'POST' }),
    onSuccess: ({ exchangeId, comparison }) => {
      tell({ text: 'The request was sent to both sides once more' })
      go(pagePath.comparison(comparison?.id ?? exchangeId))
    },
    onError: (error) => tell({ text: `Not replayed: ${error.message}`, isError: true }),
  })
  return (
    <Button variant="default" onClick={() => replay.mutate()} loading={replay.isPending}>
      Replay
    </Button>
  )
}
