// Sends a stored request to both sides once more, and shows what they answer now. Nothing of it is stored.
import { Alert, Button, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { readApi } from '../api/client.ts'
import type { Replay } from '../api/types.ts'
import { apiPath } from '../paths.ts'
import { Dialog } from './dialog.tsx'
import { DifferenceList } from './difference-list.tsx'
import { millis, plural, visible } from './format.ts'
import { failure, useMessages } from './messages.tsx'
import { OutcomeText } from './outcome.tsx'

export function ReplayButton({ id }: { id: string }) {
  const tell = useMessages()
  const replay = useMutation({
    mutationFn: () => readApi<Replay>(apiPath.replay(id), { method: 'POST' }),
    onError: (error) => tell(failure('Not replayed', error)),
  })
  return (
    <>
      <Button variant="default" onClick={() => replay.mutate()} loading={replay.isPending}>
        Replay
      </Button>
      {replay.data && <ReplayDialog replay={replay.data} onClose={() => replay.reset()} />}
    </>
  )
}

function ReplayDialog({ replay, onClose }: { replay: Replay; onClose: () => void }) {
  const { outcome, before, differences, notes, hidden, primary, shadow } = replay
  return (
    <Dialog onClose={onClose} title="The same request, sent to both sides once more" size="lg">
      <Stack gap="sm">
        <Text>
          Now: <OutcomeText outcome={outcome} /> · before: <OutcomeText outcome={before.outcome} /> with{' '}
          {plural(before.differences, 'difference')}
        </Text>
        <Text size="sm">
          Primary {primary.status} in {millis(primary.latencyMs)}, shadow {shadow.status} in {millis(shadow.latencyMs)}
        </Text>
        {hidden.length > 0 && (
          <Alert variant="outline" color="yellow" title="Not sent">
            {visible(hidden.join(', '))}: their values were hidden when they were captured.
          </Alert>
        )}
        {notes.map((note) => (
          <Text key={note} size="sm" c="dimmed" className="u-wrap">
            {visible(note)}
          </Text>
        ))}
        <DifferenceList differences={differences} />
      </Stack>
    </Dialog>
  )
}
