// The exact change in Traefik's configuration, before it is made.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { DryRun } from '../api/types.ts'
import { Dialog } from './dialog.tsx'
import { DiffText } from './diff-text.tsx'
import { TypedName } from './typed-name.tsx'

export function ReviewDialog(props: {
  title: string
  preview: DryRun
  isPending: boolean
  error: Error | null
  /** The route's, where it has to be typed before the change is made. */
  nameToType?: string | undefined
  onConfirm: () => void
  onClose: () => void
}) {
  const { title, preview, isPending, error, nameToType, onConfirm, onClose } = props
  const [typed, setTyped] = useState('')
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
        {nameToType !== undefined && (
          <>
            <Text size="sm">The shadow gets most of the route's requests with that.</Text>
            <TypedName name={nameToType} typed={typed} onType={setTyped} />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back to the form
          </Button>
          <Button onClick={onConfirm} loading={isPending} disabled={nameToType !== undefined && typed !== nameToType}>
            Apply
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
