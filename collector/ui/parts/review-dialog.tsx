// The exact change in Traefik's configuration, before it is made.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import type { DryRun } from '../api/types.ts'
import { Dialog } from './dialog.tsx'
import { DiffText } from './diff-text.tsx'

export function ReviewDialog(props: {
  title: string
  preview: DryRun
  isPending: boolean
  error: Error | null
  onConfirm: () => void
  onClose: () => void
}) {
  const { title, preview, isPending, error, onConfirm, onClose } = props
  return (
    <Dialog onClose={onClose} title={title} size="xl">
      <Stack gap="sm">
        {preview.diff.trim() === '' ? (
          <Text>Nothing changes in Traefik's configuration.</Text>
        ) : (
          <>
            <Text size="sm">This changes in Traefik's configuration:</Text>
            <DiffText diff={preview.diff} label="Change in Traefik's configuration" />
          </>
        )}
        {(preview.notes ?? []).map((note) => (
          <Text key={note} size="sm" c="dimmed">
            {note}
          </Text>
        ))}
        {error && (
          <Alert color="red" variant="outline" title="Not applied" role="alert">
            {error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back to the form
          </Button>
          <Button onClick={onConfirm} loading={isPending}>
            Apply
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
